// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/lab.hpp"

#include "harness/base/error.hpp"
#include "harness/image/image.hpp"
#include "harness/kernel/kernel.hpp"
#include "harness/step/lines.hpp"
#include "tests/differential/generate.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>

namespace nflab::witness {
namespace {

namespace fs = std::filesystem;
constexpr const char* program = "/run/nfwitness";
constexpr const char* mutant = "/run/nfverdict-mutant";
// A guest on a busy machine, several times over.
constexpr std::chrono::seconds patience{120};

fs::path built(const char* name) {
    return fs::path(NFLAB_BINARY_DIR) / name;
}

std::string cidr(const std::string& address) {
    return address + (address.find(':') == std::string::npos ? "/24" : "/64");
}

plan::Nic nic(const std::string& lab, const std::string& node, const std::string& name,
              const std::string& network, std::vector<std::string> addresses) {
    return {name, network, plan::derive_mac(lab, node, name), std::move(addresses), 1500};
}

// Nothing that depends on time or on what came before: no rate limits, no redirects, no filters.
std::vector<std::pair<std::string, std::string>> sysctls() {
    std::vector<std::pair<std::string, std::string>> out{{"net.ipv4.ip_forward", "1"},
                                                         {"net.ipv6.conf.all.forwarding", "1"},
                                                         {"net.ipv4.icmp_ratelimit", "0"},
                                                         {"net.ipv4.icmp_msgs_per_sec", "1000000"},
                                                         {"net.ipv4.icmp_msgs_burst", "1000000"},
                                                         {"net.ipv6.icmp.ratelimit", "0"}};
    for (const char* device : {"all", "default", "lan0", "wan0"}) {
        out.emplace_back(fmt::format("net.ipv4.conf.{}.send_redirects", device), "0");
        out.emplace_back(fmt::format("net.ipv4.conf.{}.rp_filter", device), "0");
        out.emplace_back(fmt::format("net.ipv4.conf.{}.accept_local", device), "1");
        out.emplace_back(fmt::format("net.ipv6.conf.{}.accept_dad", device), "0");
    }
    return out;
}

plan::Plan make_plan(const std::string& name, plan::BootFiles boot) {
    plan::Plan plan;
    plan.lab = name;
    plan.scenario = "the witness test";
    plan.boot = std::move(boot);
    plan.deadlines.boot = std::chrono::seconds(120);
    plan.deadlines.silence = std::chrono::seconds(60);
    plan.networks = {{"lan", "br-lan"}, {"wan", "br-wan"}};
    plan::Node client;
    client.name = "client";
    // The ends are silent but for nfwitness.
    client.sysctls = {{"net.ipv6.conf.all.disable_ipv6", "1"}};
    client.nics = {nic(name, "client", "eth0", "lan", {})};
    plan::Node server;
    server.name = "server";
    server.sysctls = client.sysctls;
    server.nics = {nic(name, "server", "eth0", "wan", {})};
    plan::Node router;
    router.name = "router";
    router.kind = scenario::NodeKind::vm;
    router.memory_mib = 256;
    router.nics = {nic(name, "router", "lan0", "lan",
                       {cidr(net::lan(4, net::router)), cidr(net::lan(6, net::router))}),
                   nic(name, "router", "wan0", "wan",
                       {cidr(net::wan(4, net::router)), cidr(net::wan(6, net::router))})};
    router.sysctls = sysctls();
    plan.nodes = {client, router, server};
    return plan;
}

Mac mac(const std::string& text) {
    Mac out{};
    std::string digits = text;
    std::erase(digits, ':');
    const Bytes bytes = from_hex(digits);
    std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin());
    return out;
}

// A program in a node that works until its input ends.
class Helper {
  public:
    Helper(lab::Session& session, const std::string& node, std::vector<std::string> argv)
        : session_(session), node_(node) {
        channel::RunRequest request;
        request.argv = std::move(argv);
        request.input = true;
        lab::StreamHandler handler;
        handler.output = [this](std::string_view bytes) { output_.append(bytes); };
        handler.error_output = [this](std::string_view bytes) { complaint_.append(bytes); };
        handler.exit = [this](const channel::ExitStatus& status) {
            ended_ = true;
            complaint_ += status.error;
        };
        stream_ = session_.start(node, request, std::move(handler));
    }
    ~Helper() { session_.close(stream_); }
    Helper(const Helper&) = delete;
    Helper& operator=(const Helper&) = delete;

    void write(const std::string& bytes) { session_.send_input(stream_, bytes); }
    void wait_for(const std::string& text) {
        session_.wait([&] { return output_.find(text) != std::string::npos || ended_; }, patience);
        if (output_.find(text) == std::string::npos)
            throw Error(Failure::lab,
                        fmt::format("{} at '{}' does not answer: {}", program, node_, complaint_));
    }
    void interrupt() { session_.send_signal(stream_, 2); }
    bool ended() const { return ended_; }
    std::string take() { return std::exchange(output_, {}); }
    const std::string& output() const { return output_; }

  private:
    lab::Session& session_;
    std::string node_;
    lab::StreamId stream_ = 0;
    std::string output_;
    std::string complaint_;
    bool ended_ = false;
};

// Marks every packet before any other chain of the ruleset sees it, in a table of its own.
constexpr const char* marking = R"(
table inet nflab_witness {
  chain pre { type filter hook prerouting priority -2000; meta nftrace set 1; }
  chain out { type filter hook output priority -2000; meta nftrace set 1; }
}
)";

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
            session_.put_file(node, built("guest/bin/nfwitness"), program, 0755);
        if (!options_.nfverdict.empty())
            session_.put_file("router", options_.nfverdict, mutant, 0755);
        prepare_router();
        client_ = std::make_unique<Helper>(session_, "client",
                                           std::vector<std::string>{program, "wire", "eth0"});
        server_ = std::make_unique<Helper>(session_, "server",
                                           std::vector<std::string>{program, "wire", "eth0"});
        client_->wait_for("r\n");
        server_->wait_for("r\n");
        step::TraceOrder order;
        order.node = "router";
        if (!options_.nfverdict.empty())
            order.program = mutant;
        tracer_ = std::make_unique<step::Tracer>(session_, order);
        tracer_->wait_ready(patience);
    }

    const std::string& kernel_release() const { return kernel_.release; }
    const std::string& method() const { return tracer_->observation().method; }

    Evidence run(const Ruleset& ruleset, const std::vector<Shot>& shots, const Names& names,
                 bool under_oracle) {
        Evidence evidence;
        const std::uint64_t lost = tracer_->observation().lost;
        say(under_oracle ? "loading, with oracles" : "loading");
        shell("conntrack -F", "");
        load(ruleset, under_oracle);
        std::unique_ptr<Helper> trace;
        std::unique_ptr<Helper> log;
        if (under_oracle) {
            trace = start_trace();
            log = std::make_unique<Helper>(session_, "router",
                                           std::vector<std::string>{program, "nflog"});
            log->wait_for("r\n");
        }
        tracer_->synchronise(patience);
        tracer_->take();
        const std::vector<RuleCount> before = legacy_counts(ruleset);
        say("sending");
        send(shots, names, evidence);
        say("synchronising");
        tracer_->synchronise(patience);
        say("asking the witnesses");
        ask(ruleset, evidence);
        subtract(evidence.counts, before);
        tracer_->synchronise(patience);
        evidence.records = tracer_->take();
        std::stable_sort(evidence.records.begin(), evidence.records.end(),
                         [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; });
        evidence.lost = tracer_->observation().lost - lost;
        if (under_oracle) {
            finish(*trace, *log);
            keep("nft-monitor-trace", trace->output());
            keep("xt-trace", log->output());
            read_nft_trace(trace->output(), names, evidence);
            read_xt_trace(log->output(), names, evidence);
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

    void prepare_router() {
        std::string script = "set -e\n";
        const auto neighbours = [&](const char* device, const std::string& node, auto address) {
            const std::string hardware = plan::derive_mac(plan_.lab, node, "eth0");
            for (const int family : {4, 6})
                for (const int host : {100, 101, 102, 103, 104, 105, 200})
                    script += fmt::format("ip neigh replace {} lladdr {} nud permanent dev {}\n",
                                          address(family, host), hardware, device);
        };
        neighbours("lan0", "client", net::lan);
        neighbours("wan0", "server", net::wan);
        // The tables that the rulesets use are there from the beginning, empty: a table that comes
        // later would change the order of hooks between two runs.
        script += "for t in raw mangle nat filter security; do\n"
                  "  for v in iptables ip6tables; do $v-legacy -t $t -S > /dev/null; done\n"
                  "done\n"
                  "modprobe nfnetlink_log\nmodprobe nf_conntrack\n"
                  "modprobe nf_tables\nmodprobe nfnetlink_queue\n";
        must("bash -s", script, Failure::lab);
    }

    // nftables anew for every run. Legacy tables have no memory but their counters: they are loaded
    // when they change, because nfverdict reads them again at every load.
    void load(const Ruleset& ruleset, bool under_oracle) {
        std::string script = "set -e\nnft flush ruleset\n";
        for (const Engine engine : {Engine::iptables, Engine::ip6tables}) {
            std::string text = render(ruleset, engine);
            std::string& loaded = loaded_[engine];
            for (const char* table : {"raw", "mangle", "nat", "filter", "security"}) {
                const std::string head = fmt::format("*{}\n", table);
                if (text.find(head) == std::string::npos && loaded.find(head) != std::string::npos)
                    text += head + built_in(table) + "COMMIT\n";
            }
            if (text == loaded)
                continue;
            loaded = text;
            script += fmt::format("{}-legacy-restore <<'END'\n{}END\n", name_of(engine), text);
        }
        script += fmt::format("nft -f - <<'END'\n{}{}END\n", render(ruleset, Engine::nft),
                              under_oracle ? marking : "");
        keep("ruleset", script);
        must("bash -s", script, Failure::bad_input);
    }

    static std::string built_in(const std::string& table) {
        std::string out;
        for (const char* chain : {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}) {
            const std::string name = chain;
            const bool first = name == "PREROUTING";
            const bool last = name == "POSTROUTING";
            const bool middle = name == "FORWARD";
            const bool input = name == "INPUT";
            if ((table == "raw" && (input || middle || last)) || (table == "nat" && middle) ||
                ((table == "filter" || table == "security") && (first || last)))
                continue;
            out += fmt::format(":{} ACCEPT [0:0]\n", name);
        }
        return out;
    }

    std::unique_ptr<Helper> start_trace() {
        // It says nothing when it has begun to listen, so it is asked for its socket's group.
        auto trace = std::make_unique<Helper>(
            session_, "router",
            std::vector<std::string>{"stdbuf", "-oL", "nft", "-a", "monitor", "trace"});
        must("for i in $(seq 100); do "
             "awk '$2 == 12 && substr($4, length($4) - 7) != \"00000000\" { found = 1 } "
             "END { exit !found }' /proc/net/netlink && exit 0; sleep 0.05; done; exit 1",
             "", Failure::lab);
        return trace;
    }

    void finish(Helper& trace, Helper& log) {
        // Both are done when nothing has come for a while.
        std::size_t before = 0;
        do {
            before = trace.output().size() + log.output().size();
            session_.wait([] { return false; }, std::chrono::milliseconds(400));
        } while (before != trace.output().size() + log.output().size());
        trace.interrupt();
    }

    void send(const std::vector<Shot>& shots, const Names& names, Evidence& evidence) {
        const Mac lan = mac(plan::derive_mac(plan_.lab, "router", "lan0"));
        const Mac wan = mac(plan::derive_mac(plan_.lab, "router", "wan0"));
        const Mac client = mac(plan::derive_mac(plan_.lab, "client", "eth0"));
        const Mac server = mac(plan::derive_mac(plan_.lab, "server", "eth0"));
        std::string from_client;
        std::string from_server;
        std::string from_router;
        for (const Shot& shot : shots)
            for (const Bytes& ip : shot.datagrams()) {
                if (shot.origin == Origin::router)
                    from_router += to_hex(ip.data(), ip.size()) + "\n";
                else if (shot.origin == Origin::lan)
                    from_client += line_of(frame(lan, client, ip));
                else
                    from_server += line_of(frame(wan, server, ip));
            }
        const unsigned number = ++rounds_;
        const std::string mark = fmt::format("d {} ", number);
        client_->take();
        server_->take();
        // One after the other: the order of packets is the same in every run.
        client_->write(from_client + fmt::format("g {}\n", number));
        server_->write(fmt::format("g {}\n", number));
        client_->wait_for(mark);
        server_->wait_for(mark);
        const std::string second = fmt::format("d {} ", ++rounds_);
        client_->write(fmt::format("g {}\n", rounds_));
        server_->write(from_server + fmt::format("g {}\n", rounds_));
        client_->wait_for(second);
        server_->wait_for(second);
        if (!from_router.empty()) {
            const std::string third = fmt::format("d {} ", ++rounds_);
            must(fmt::format("{} local", program), from_router, Failure::lab);
            client_->write(fmt::format("g {}\n", rounds_));
            server_->write(fmt::format("g {}\n", rounds_));
            client_->wait_for(third);
            server_->wait_for(third);
        }
        for (Helper* end : {client_.get(), server_.get()}) {
            step::LineBuffer lines;
            lines.feed(end->take(), [&](std::string_view text) {
                const std::string line(text);
                if (line.starts_with("d ") && !line.ends_with(" 0"))
                    evidence.complaints.push_back("the capture lost packets: " + line);
                if (line.starts_with("e "))
                    evidence.complaints.push_back("an end of the lab: " + line);
                read_capture(line, names, evidence);
            });
        }
    }

    static std::string line_of(const Bytes& bytes) {
        return "f " + to_hex(bytes.data(), bytes.size()) + "\n";
    }

    void ask(const Ruleset& ruleset, Evidence& evidence) {
        read_nft_counts(must("nft -j list ruleset", "", Failure::lab), evidence);
        for (const RuleCount& count : legacy_counts(ruleset))
            evidence.counts.push_back(count);
        read_conntrack(must("conntrack -L; conntrack -L -f ipv6", "", Failure::lab), evidence);
    }

    std::vector<RuleCount> legacy_counts(const Ruleset& ruleset) {
        Evidence found;
        for (const Engine engine : {Engine::iptables, Engine::ip6tables})
            if (ruleset.uses(engine))
                read_xt_counts(must(name_of(engine) + "-legacy-save -c", "", Failure::lab), engine,
                               found);
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
    std::unique_ptr<Helper> client_;
    std::unique_ptr<Helper> server_;
    std::unique_ptr<step::Tracer> tracer_;
    std::map<Engine, std::string> loaded_; ///< legacy rulesets in the guest
    unsigned rounds_ = 0;
};

WitnessLab::WitnessLab(const LabOptions& options) : impl_(std::make_unique<Impl>(options)) {}
WitnessLab::~WitnessLab() = default;
const std::string& WitnessLab::kernel_release() const {
    return impl_->kernel_release();
}
const std::string& WitnessLab::method() const {
    return impl_->method();
}
Evidence WitnessLab::run(const Ruleset& ruleset, const std::vector<Shot>& shots, const Names& names,
                         bool under_oracle) {
    return impl_->run(ruleset, shots, names, under_oracle);
}

} // namespace nflab::witness
