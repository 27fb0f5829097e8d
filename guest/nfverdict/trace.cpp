// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/trace.hpp"

#include "guest/nfverdict/cross_check.hpp"
#include "guest/nfverdict/drops/drops.hpp"
#include "guest/nfverdict/drops/hook_walks.hpp"
#include "guest/nfverdict/drops/told_drops.hpp"
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/kernel/monotonic.hpp"
#include "guest/nfverdict/kernel/preconditions.hpp"
#include "guest/nfverdict/kretprobe/kretprobe_trace.hpp"
#include "guest/nfverdict/observer.hpp"
#include "guest/nfverdict/packet/packet_filter.hpp"
#include "guest/nfverdict/records/assemble.hpp"
#include "guest/nfverdict/records/explain_nft.hpp"
#include "guest/nfverdict/records/explain_xt.hpp"
#include "guest/nfverdict/records/output.hpp"
#include "guest/nfverdict/rulesets/rulesets.hpp"
#include "guest/nfverdict/trace_loop.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <deque>
#include <memory>

namespace nflab::nfverdict {
namespace {

class Trace {
  public:
    explicit Trace(const Options& options)
        : options_(options), filter_(options.packets),
          output_(options.json ? Output::Format::json : Output::Format::text),
          loop_(options_, output_),
          observer_(options, [this](const std::string& text) { output_.notice(text); }),
          walks_(observer_.drops()),
          rulesets_(
              {[this](nfv_ruleset ruleset) { return observer_.probes().generations(ruleset); },
               [this](std::uint32_t netns, const std::string& engine) {
                   output_.line({{"type", "ruleset"}, {"netns", netns}, {"engine", engine}});
               },
               [this](const std::string& text) { output_.notice(text); }}) {}

    int run() {
        // Our own self-tests' above all; everything is read now.
        observer_.intake().forget_changes();
        rulesets_.watch_own(observer_.observes_nft(), observer_.observes_xt());
        if (options_.count && !options_.cross_check)
            observer_.intake().count(
                [this](const nfv_event& event) { return filter_.matches(event); });
        loop_.run(observer_.describe(), {.fds = {observer_.probes().events_fd()},
                                         .catch_up = [this] { catch_up(); },
                                         .settle = [this] { settle(); },
                                         .lost = [this] { return observer_.probes().lost(); }});
        output_.line({{"type", "done"},
                      {"records", records_ + observer_.intake().counted()},
                      {"lost", loop_.lost()},
                      {"agreements", cross_check_.agreements()},
                      {"disagreements", cross_check_.disagreements()}});
        output_.flush();
        return 0;
    }

  private:
    void catch_up() {
        // Often, since the kernel's buffer is small and what does not fit into it is lost.
        constexpr int often = 32;
        observer_.intake().pump();
        for (int i = 1; const nfv_event* event = observer_.intake().next(); ++i) {
            handle(*event);
            if (i % often == 0)
                observer_.intake().pump();
        }
        rulesets_.refresh();
        observer_.tell_latecomers();
        report_disagreements();
    }

    void settle() {
        catch_up();
        cross_check_.settle();
        report_disagreements();
    }

    void report_disagreements() {
        for (const std::string& text : cross_check_.take_disagreements())
            output_.error("the methods disagree: " + text);
    }

    void handle(const nfv_event& event) {
        const auto ruleset = static_cast<nfv_ruleset>(event.ruleset);
        if (event.kind == NFV_RULESET) {
            rulesets_.mark_changed(ruleset, event.netns, event.slot);
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
        const Moment moment{event.slot, {event.moment.started, event.moment.finished}};
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
        told_drops_.decided(record);
        if (event.kind == NFV_TABLE)
            std::erase_if(waiting_,
                          [this](const verdict::Record& drop) { return told_drops_.knows(drop); });
        write(record);
    }

    // An nft drop frees the packet before the base chain returns, which tells whose drop it was.
    void write_waiting(bool all) {
        constexpr std::uint64_t long_enough = 200'000'000;
        while (!waiting_.empty() &&
               (all || monotonic_ns() - waiting_.front().time_ns > long_enough)) {
            write(waiting_.front());
            waiting_.pop_front();
        }
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
        else if (event.kind == NFV_FLOW)
            write(record);
        else if (observer_.drops().explain(event, record) && !told_drops_.knows(record))
            wait_or_write(std::move(record));
    }

    void wait_or_write(verdict::Record record) {
        if (observer_.sees_walks() && record.stage == "netfilter")
            waiting_.push_back(std::move(record));
        else
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
    Output output_;
    TraceLoop loop_;
    Observer observer_;
    HookWalks walks_;
    ToldDrops told_drops_;
    std::deque<verdict::Record> waiting_; ///< drops that a base chain may still own up to
    Rulesets rulesets_;
    CrossCheck cross_check_;
    std::uint64_t records_ = 0;
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
    std::unique_ptr<Trace> running;
    try {
        running = std::make_unique<Trace>(options);
    } catch (const Error& error) {
        if (!may_use_kretprobe(options))
            throw;
        return kretprobe_trace(options, error.what());
    }
    return running->run();
}

int check(const Options& options, bool json) {
    check_preconditions();
    std::unique_ptr<const Observer> observer;
    try {
        observer = std::make_unique<Observer>(options, [json](const std::string& text) {
            if (!json)
                fmt::print(stderr, "{}\n", text);
        });
    } catch (const Error& error) {
        if (!may_use_kretprobe(options))
            throw;
        return kretprobe_check(options, json, error.what());
    }
    nlohmann::json found = observer->describe();
    found["type"] = "check";
    if (json)
        fmt::print("{}\n", found.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    else
        print(found);
    return observer->sound() ? 0 : static_cast<int>(Failure::check);
}

} // namespace nflab::nfverdict
