// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/lab.hpp"

#include "harness/base/error.hpp"
#include "harness/image/image.hpp"
#include "harness/kernel/kernel.hpp"
#include "tests/differential/ends.hpp"
#include "tests/differential/helper.hpp"
#include "tests/differential/topology.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <utility>

namespace nflab::witness {
namespace {

namespace fs = std::filesystem;
constexpr const char* mutant = "/run/nfverdict-mutant";
constexpr const char* trace_file = "/run/nft-monitor-trace";
// Between the answers of one script.
constexpr const char* next_answer = "==next==\n";

fs::path built(const char* name) {
    return fs::path(NFLAB_BINARY_DIR) / name;
}

// Marks every packet before any other chain of the ruleset sees it, in a table of its own.
constexpr const char* marking = R"(
table inet nflab_witness {
  chain pre { type filter hook prerouting priority -2000; meta nftrace set 1; }
  chain out { type filter hook output priority -2000; meta nftrace set 1; }
}
table bridge nflab_witness {
  chain pre { type filter hook prerouting priority -2000; meta nftrace set 1; }
  chain out { type filter hook output priority -2000; meta nftrace set 1; }
}
table arp nflab_witness {
  chain in { type filter hook input priority -2000; meta nftrace set 1; }
  chain out { type filter hook output priority -2000; meta nftrace set 1; }
}
table netdev nflab_witness {
  chain lan { type filter hook ingress device "lan0" priority -2000; meta nftrace set 1; }
  chain wan { type filter hook ingress device "wan0" priority -2000; meta nftrace set 1; }
  chain left { type filter hook ingress device "p1" priority -2000; meta nftrace set 1; }
  chain right { type filter hook ingress device "p2" priority -2000; meta nftrace set 1; }
}
)";

constexpr std::uint8_t udp = 17;

} // namespace

class WitnessLab::Impl {
  public:
    explicit Impl(const LabOptions& options)
        : options_(options), kernel_(kernel::find(options.kernel, {}, tell())),
          plan_(make_plan(fmt::format("witness-{}", ::getpid()),
                          image::prepare(kernel_, scenario::Boot::fast, tell()))),
          lab_(lab::Starting::start(
              plan_, [&](const lab::Event& event) { tell()(event.node + " " + event.phase); },
              built("nflab"))),
          session_(lab::Session::connect(plan_.lab)) {
        for (const char* node : {"client", "router", "server"})
            session_.put_file(node, built("guest/bin/nfwitness"), node_program, 0755);
        if (!options_.nfverdict.empty())
            session_.put_file("router", options_.nfverdict, mutant, 0755);
        const std::string has = must("bash -s", preparation(plan_.lab), Failure::lab);
        const auto there = [&](const std::string& name) {
            return has.find("has " + name + "\n") != std::string::npos;
        };
        features_.legacy = there("legacy");
        features_.arptables = there("arptables");
        features_.ebtables = there("ebtables");
        features_.egress = there("egress");
        features_.iptables_nft = there("nft_compat");
        features_.ebtables_nft = there("ebtables_nft");
        features_.ipset = there("ipset");
        ends_ = std::make_unique<Ends>(session_);
        step::TraceOrder order;
        order.node = "router";
        if (!options_.nfverdict.empty())
            order.program = mutant;
        tracer_ = std::make_unique<step::Tracer>(session_, order);
        tracer_->wait_ready(patience);
    }

    const std::string& kernel_release() const { return kernel_.release; }
    const std::string& method() const { return tracer_->observation().method; }
    const Features& features() const { return features_; }

    Evidence run(const Ruleset& ruleset, const std::vector<Shot>& shots, const Names& names,
                 bool under_oracle) {
        Evidence evidence;
        const std::uint64_t lost = tracer_->observation().lost;
        say(under_oracle ? "loading, with oracles" : "loading");
        load(ruleset, under_oracle);
        std::unique_ptr<Helper> trace;
        std::unique_ptr<Helper> log;
        if (under_oracle) {
            trace = start_trace();
            log = std::make_unique<Helper>(session_, "router",
                                           std::vector<std::string>{node_program, "nflog"});
            log->wait_for("r\n");
            log->take();
        }
        tracer_->synchronise(patience);
        tracer_->take();
        const std::vector<RuleCount> before = xt_counts(ruleset);
        say("sending");
        ends_->send(shots, names, evidence,
                    {[&](const std::string& packets) {
                         must(fmt::format("{} local", node_program), packets, Failure::lab);
                     },
                     [&] { tracer_->synchronise(patience); }});
        say("asking the witnesses");
        ask(ruleset, evidence);
        subtract(evidence.counts, before);
        tracer_->synchronise(patience);
        evidence.records = tracer_->take();
        std::stable_sort(evidence.records.begin(), evidence.records.end(),
                         [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; });
        evidence.lost = tracer_->observation().lost - lost;
        if (under_oracle) {
            say("reading the oracles");
            log->end_input();
            log->wait_for("\nd\n");
            const std::string xt = log->take();
            const std::string nft = finish_trace();
            keep("nft-monitor-trace", nft);
            keep("xt-trace", xt);
            read_nft_trace(nft, names, evidence);
            read_xt_trace(xt, names, evidence);
        }
        return evidence;
    }

  private:
    kernel::Progress tell() {
        return [this](const std::string& words) { say(words); };
    }

    lab::RunResult shell(const std::string& line, const std::string& input,
                         const std::string& node = "router") {
        channel::RunRequest request;
        request.argv = {"bash", "-c", line};
        request.timeout_ms =
            static_cast<std::uint32_t>(std::chrono::milliseconds(patience).count());
        request.input = true;
        return session_.run(node, request, input);
    }

    std::string must(const std::string& line, const std::string& input, Failure failure) {
        const lab::RunResult result = shell(line, input);
        if (!result.status.ok())
            throw Error(failure, fmt::format("`{}` at the router: {}{}{}", line, result.err,
                                             result.status.error,
                                             result.status.timed_out ? "no end in time" : ""));
        return result.out;
    }

    // nftables anew for every run. Legacy tables have no memory but their counters: they are loaded
    // when they change, because nfverdict reads them again at every load.
    void load(const Ruleset& ruleset, bool under_oracle) {
        std::string script = "set -e\nconntrack -F 2> /dev/null\nnft flush ruleset\n";
        legacy_ = with_emptied(ruleset, legacy_);
        for (const Engine engine : legacy_engines) {
            const std::string text = render(legacy_, engine);
            if (text == std::exchange(loaded_[engine], text))
                continue;
            script += fmt::format("{} <<'END'\n{}END\n", loader_of(engine), text);
        }
        script += fmt::format("nft -f - <<'END'\n{}{}END\n", render(ruleset, Engine::nft),
                              under_oracle ? marking : "");
        for (const Engine engine : nft_variants)
            if (ruleset.uses(engine))
                script +=
                    fmt::format("{} <<'END'\n{}END\n", loader_of(engine), render(ruleset, engine));
        keep("ruleset", script);
        must("bash -s", script, Failure::bad_input);
    }

    std::unique_ptr<Helper> start_trace() {
        // Into a file: what goes through the agent costs the guest much more.
        auto trace = std::make_unique<Helper>(
            session_, "router",
            std::vector<std::string>{
                "bash", "-c",
                fmt::format("exec stdbuf -oL nft -a monitor trace > {} 2>&1", trace_file)});
        // It says nothing when it has begun to listen, so it is asked for its socket's group.
        must("for i in $(seq 500); do "
             "awk '$2 == 12 && substr($4, length($4) - 7) != \"00000000\" { found = 1 } "
             "END { exit !found }' /proc/net/netlink && exit 0; sleep 0.05; done; exit 1",
             "", Failure::lab);
        return trace;
    }

    // Its lines come in the order of time: all is told when it has told of one more packet. What
    // that one gave rise to (a rule may reject it) is not of the batch.
    std::string finish_trace() {
        Packet last;
        last.uid = last_identification;
        last.protocol = udp;
        last.source = address(net::lan(4, net::router));
        last.destination = address(net::lan(4, net::first_host));
        const Bytes ip = build(last);
        const std::string all =
            must(fmt::format("echo {} | {} local; for i in $(seq 500); do "
                             "if grep -q ' {} out packet: .* ip id {} ' {}; then cat {}; exit; "
                             "fi; sleep 0.05; done; exit 1",
                             to_hex(ip.data(), ip.size()), node_program, oracle_table,
                             last_identification, trace_file, trace_file),
                 "", Failure::lab);
        const std::size_t line =
            all.rfind('\n', all.find(fmt::format(" ip id {} ", last_identification)));
        return all.substr(0, line == std::string::npos ? 0 : line + 1);
    }

    void ask(const Ruleset& ruleset, Evidence& evidence) {
        const std::vector<std::string> said =
            answers({"nft -j list ruleset", "conntrack -L; conntrack -L -f ipv6", "conntrack -S"});
        read_nft_counts(said[0], evidence);
        read_conntrack(said[1], evidence);
        const ConntrackDrops now = read_conntrack_drops(said[2]);
        evidence.conntrack_drops = {now.dropped - conntrack_drops_.dropped,
                                    now.insert_failed - conntrack_drops_.insert_failed};
        conntrack_drops_ = now;
        for (const RuleCount& count : xt_counts(ruleset))
            evidence.counts.push_back(count);
    }

    // One process for several questions: starting one costs the guest a tenth of a second.
    std::vector<std::string> answers(const std::vector<std::string>& questions) {
        std::string script = "set -e\n";
        for (const std::string& question : questions)
            script += fmt::format("{{ {}; }} 2> /dev/null\nprintf '{}'\n", question, "==next==\\n");
        const std::string all = must("bash -s", script, Failure::lab);
        std::vector<std::string> out;
        std::size_t begin = 0;
        for (std::size_t end; (end = all.find(next_answer, begin)) != std::string::npos;
             begin = end + std::string_view(next_answer).size())
            out.push_back(all.substr(begin, end - begin));
        out.resize(questions.size());
        return out;
    }

    std::vector<RuleCount> xt_counts(const Ruleset& ruleset) {
        const std::vector<std::pair<Engine, std::string>> known{
            {Engine::iptables, "iptables-legacy-save -c"},
            {Engine::ip6tables, "ip6tables-legacy-save -c"},
            {Engine::iptables_nft, "iptables-nft-save -c"},
            {Engine::ip6tables_nft, "ip6tables-nft-save -c"},
            {Engine::arptables, "echo '*filter'; arptables-legacy -L -n -v"},
            {Engine::ebtables, "for t in filter nat; do echo \"*$t\"; "
                               "ebtables-legacy -t $t -L --Lc; done"}};
        std::vector<Engine> engines;
        std::vector<std::string> questions;
        for (const auto& [engine, question] : known)
            if (ruleset.uses(engine)) {
                engines.push_back(engine);
                questions.push_back(question);
            }
        Evidence found;
        const std::vector<std::string> said = questions.empty() ? questions : answers(questions);
        for (std::size_t i = 0; i < said.size(); ++i)
            if (engines[i] == Engine::arptables || engines[i] == Engine::ebtables)
                read_frame_counts(said[i], engines[i], found);
            else
                read_xt_counts(said[i], engines[i], found);
        return found.counts;
    }

    static void subtract(std::vector<RuleCount>& after, const std::vector<RuleCount>& before) {
        for (RuleCount& count : after)
            for (const RuleCount& old : before)
                if (count.engine == old.engine && count.table == old.table &&
                    count.chain == old.chain && count.rule == old.rule)
                    count.packets -= old.packets;
    }

    void keep(const std::string& name, const std::string& text) const {
        if (options_.keep.empty())
            return;
        fs::create_directories(options_.keep);
        std::ofstream(fs::path(options_.keep) / name) << text;
    }

    void say(const std::string& words) {
        if (options_.progress)
            options_.progress(words);
    }

    LabOptions options_;
    kernel::Kernel kernel_;
    plan::Plan plan_;
    lab::Starting lab_;
    lab::Session session_;
    std::unique_ptr<Ends> ends_;
    std::unique_ptr<step::Tracer> tracer_;
    Features features_;
    ConntrackDrops conntrack_drops_;       ///< at the end of the last run
    Ruleset legacy_;                       ///< legacy tables in the guest
    std::map<Engine, std::string> loaded_; ///< the same as they were loaded
};

WitnessLab::WitnessLab(const LabOptions& options) : impl_(std::make_unique<Impl>(options)) {}
WitnessLab::~WitnessLab() = default;
const std::string& WitnessLab::kernel_release() const {
    return impl_->kernel_release();
}
const std::string& WitnessLab::method() const {
    return impl_->method();
}
const Features& WitnessLab::features() const {
    return impl_->features();
}
Evidence WitnessLab::run(const Ruleset& ruleset, const std::vector<Shot>& shots, const Names& names,
                         bool under_oracle) {
    return impl_->run(ruleset, shots, names, under_oracle);
}

} // namespace nflab::witness
