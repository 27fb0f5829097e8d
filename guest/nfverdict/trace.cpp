// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/trace.hpp"

#include "guest/nfverdict/assemble.hpp"
#include "guest/nfverdict/cross_check.hpp"
#include "guest/nfverdict/drops.hpp"
#include "guest/nfverdict/explain_nft.hpp"
#include "guest/nfverdict/explain_xt.hpp"
#include "guest/nfverdict/hook_walks.hpp"
#include "guest/nfverdict/kernel_api.hpp"
#include "guest/nfverdict/observer.hpp"
#include "guest/nfverdict/output.hpp"
#include "guest/nfverdict/packet_filter.hpp"
#include "guest/nfverdict/preconditions.hpp"
#include "guest/nfverdict/rulesets.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <map>

namespace nflab::nfverdict {
namespace {

using Clock = std::chrono::steady_clock;

UniqueFd block_signals() {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    ::signal(SIGPIPE, SIG_IGN);
    ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
    return UniqueFd(::signalfd(-1, &wanted, SFD_CLOEXEC));
}

class Trace {
  public:
    explicit Trace(const Options& options)
        : options_(options), filter_(options.packets), signals_(block_signals()),
          output_(options.json ? Output::Format::json : Output::Format::text),
          observer_(options, [this](const std::string& text) { output_.notice(text); }),
          walks_(observer_.drops()),
          rulesets_({[this](nfv_ruleset ruleset) { return observer_.probes().generation(ruleset); },
                     [this](std::uint32_t netns, const std::string& engine) {
                         output_.line({{"type", "ruleset"}, {"netns", netns}, {"engine", engine}});
                     },
                     [this](const std::string& text) { output_.notice(text); }}) {}

    int run() {
        // Our own self-tests' above all; everything is read now.
        observer_.intake().forget_changes();
        rulesets_.watch_own(observer_.observes_nft(), observer_.observes_xt());
        already_lost_ = observer_.probes().lost();
        output_.line(observer_.describe());
        output_.flush();
        if (options_.duration)
            end_ = Clock::now() + *options_.duration;
        while (!over_ && output_.good()) {
            wait();
            catch_up();
            answer_synchronisations();
            output_.flush();
        }
        catch_up();
        settle();
        output_.line({{"type", "done"},
                      {"records", records_},
                      {"lost", lost_},
                      {"agreements", cross_check_.agreements()},
                      {"disagreements", cross_check_.disagreements()}});
        output_.flush();
        return 0;
    }

  private:
    void wait() {
        // The kernel's side only wakes us when its buffer fills up or a ruleset has changed.
        constexpr int look = 50;
        int timeout = look;
        if (end_)
            timeout = std::clamp(
                static_cast<int>(
                    std::chrono::ceil<std::chrono::milliseconds>(*end_ - Clock::now()).count()),
                0, look);
        std::array<pollfd, 3> fds{{{observer_.probes().events_fd(), POLLIN, 0},
                                   {signals_.get(), POLLIN, 0},
                                   {input_open_ ? 0 : -1, POLLIN, 0}}};
        if (::poll(fds.data(), fds.size(), timeout) < 0 && errno != EINTR)
            over_ = true;
        over_ = over_ || fds[1].revents != 0 || (end_ && Clock::now() >= *end_);
        if (fds[2].revents != 0)
            read_input();
    }

    void read_input() {
        std::array<char, 512> bytes{};
        const ssize_t size = ::read(0, bytes.data(), bytes.size());
        if (size <= 0) {
            input_open_ = false;
            over_ = over_ || options_.until_eof;
            return;
        }
        input_.append(bytes.data(), static_cast<std::size_t>(size));
    }

    /// "sync N": everything up to now is out when the answer is.
    void answer_synchronisations() {
        constexpr std::string_view request = "sync ";
        for (auto end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
            const std::string line = input_.substr(0, end);
            input_.erase(0, end + 1);
            std::uint64_t value = 0;
            const auto parsed =
                line.starts_with(request)
                    ? std::from_chars(line.data() + request.size(), line.data() + line.size(),
                                      value)
                    : std::from_chars_result{line.data(), std::errc::invalid_argument};
            if (parsed.ec != std::errc{}) {
                output_.error(
                    fmt::format("unknown request \"{}\"; known is \"sync NUMBER\"", line));
                continue;
            }
            settle();
            output_.line({{"type", "sync"}, {"value", value}});
        }
    }

    void catch_up() {
        // Often, since the kernel's buffer is small and what does not fit into it is lost.
        constexpr int often = 32;
        observer_.intake().pump();
        for (int i = 1; const auto event = observer_.intake().next(); ++i) {
            handle(*event);
            if (i % often == 0)
                observer_.intake().pump();
        }
        rulesets_.refresh();
        if (Clock::now() >= next_count_)
            report_losses();
        report_disagreements();
    }

    void settle() {
        catch_up();
        report_losses();
        cross_check_.settle();
        report_disagreements();
    }

    void report_losses() {
        constexpr std::chrono::milliseconds pause{200}; // it asks the kernel about every program
        next_count_ = Clock::now() + pause;
        const std::uint64_t now = observer_.probes().lost() - already_lost_;
        if (now == lost_)
            return;
        output_.line({{"type", "lost"}, {"count", now - lost_}});
        lost_ = now;
    }

    void report_disagreements() {
        for (const std::string& text : cross_check_.take_disagreements())
            output_.error("the methods disagree: " + text);
    }

    void handle(const nfv_event& event) {
        const auto ruleset = static_cast<nfv_ruleset>(event.ruleset);
        if (event.kind == NFV_RULESET) {
            rulesets_.mark_changed(ruleset, event.netns);
            if (ruleset == NFV_RULESET_XT && observer_.waits_for_tables()) {
                // The self-test changes tables of its own; the observed ones are read before, so
                // that packets which come meanwhile find them.
                rulesets_.refresh();
                observer_.retry_xt_tests();
            } else {
                observer_.watch_flowtables();
            }
            return;
        }
        if (event.kind == NFV_DROP || event.kind == NFV_FLOW || event.kind == NFV_HOOK ||
            event.kind == NFV_HOOK_DONE) {
            handle_without_rule(event);
            return;
        }
        // A comparison of methods is about all packets, whatever is shown of them.
        if (!options_.cross_check && !filter_.matches(event))
            return;
        if (options_.count) {
            ++records_;
            return;
        }
        const Generation moment{event.started, event.finished};
        verdict::Record record = assemble(event, observer_.conntrack());
        if (ruleset == NFV_RULESET_NFT) {
            if (options_.cross_check && event.kind != NFV_NFT_PASSED) {
                cross_check_.take(event);
                if (event.method == NFV_DECOY)
                    return;
            }
            explain_nft(event, rulesets_.nft(event.netns, moment), record);
        } else {
            const Legacy engine = legacy_of(event.table_family);
            if (!observer_.prove_xt(engine))
                return;
            explain_xt(event, rulesets_.xt(event.netns, engine, record.table, moment), record);
        }
        if (!filter_.matches(event))
            return;
        walks_.decided(record);
        if (record.verdict == "drop" || record.verdict == "reject")
            dropped_[record.cpu] = {record.packet.skb, record.time_ns};
        write(record);
    }

    // The programs leave out what a rule has dropped; where a match drops by itself they cannot.
    bool is_told(const verdict::Record& record) const {
        constexpr std::uint64_t soon = 10'000'000;
        const auto last = dropped_.find(record.cpu);
        return last != dropped_.end() && last->second.skb == record.packet.skb &&
               record.time_ns - last->second.time_ns < soon &&
               (record.stage == "netfilter" || !record.hook.empty());
    }

    void handle_without_rule(const nfv_event& event) {
        if (event.kind == NFV_HOOK_DONE) {
            for (const verdict::Record& record : walks_.leave(event))
                write(record);
            return;
        }
        if (!filter_.matches(event))
            return;
        verdict::Record record = assemble(event, observer_.conntrack());
        if (event.kind == NFV_HOOK)
            walks_.enter(event, std::move(record));
        else if (event.kind == NFV_FLOW ||
                 (observer_.drops().explain(event, record) && !is_told(record)))
            write(record);
    }

    void write(const verdict::Record& record) {
        if (!options_.records.matches(record))
            return;
        ++records_;
        output_.record(record);
    }

    Options options_;
    PacketFilter filter_;
    UniqueFd signals_;
    Output output_;
    Observer observer_;
    HookWalks walks_;
    struct Dropped {
        std::uint64_t skb;
        std::uint64_t time_ns;
    };
    std::map<int, Dropped> dropped_; ///< by a rule: the last one of each CPU
    Rulesets rulesets_;
    CrossCheck cross_check_;
    std::optional<Clock::time_point> end_;
    Clock::time_point next_count_;
    std::string input_;
    bool input_open_ = true;
    bool over_ = false;
    std::uint64_t records_ = 0;
    std::uint64_t lost_ = 0;
    std::uint64_t already_lost_ = 0; ///< before we said that we are ready
};

void print(const nlohmann::json& ready) {
    fmt::print("kernel    {}\nattached  in {} ms\n", ready["kernel"].get<std::string>(),
               ready["attach_ms"].get<long>());
    for (const auto& engine : ready["engines"]) {
        fmt::print("{:<10}", engine["engine"].get<std::string>());
        if (engine.contains("refused")) {
            fmt::print("not observed: {}\n", engine["refused"].get<std::string>());
            continue;
        }
        fmt::print("method {}\n", engine["method"].get<std::string>());
        for (const auto& site : engine["sites"])
            fmt::print("          probe {}\n", site.get<std::string>());
        for (const auto& text : engine["checks"])
            fmt::print("          check {}\n", text.get<std::string>());
        fmt::print("          self-test {}\n", engine["self_test"].get<std::string>());
    }
}

} // namespace

int trace(const Options& options) {
    check_preconditions();
    Trace running(options);
    return running.run();
}

int check(const Options& options, bool json) {
    check_preconditions();
    const Observer observer(options, [json](const std::string& text) {
        if (!json)
            fmt::print(stderr, "{}\n", text);
    });
    nlohmann::json found = observer.describe();
    found["type"] = "check";
    if (json)
        fmt::print("{}\n", found.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    else
        print(found);
    return observer.sound() ? 0 : static_cast<int>(Failure::check);
}

} // namespace nflab::nfverdict
