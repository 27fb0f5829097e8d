// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/bench/attribution.hpp"

#include "harness/bench/attribution_lab.hpp"
#include "harness/bench/samples.hpp"
#include "harness/image/image.hpp"
#include "harness/kernel/kernel.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nflab::bench {
namespace {

class Measurement {
  public:
    Measurement(const AttributionOptions& options, Progress& progress, AttributionLab& lab)
        : options_(options), progress_(progress), lab_(lab) {}

    std::vector<Cost> costs(const std::string& engine, unsigned rules) {
        std::vector<Cost> out;
        for (const Observer& observer : observers()) {
            if (!observer.engine.empty() && observer.engine != engine)
                continue;
            Cost cost = start(engine, rules, observer);
            if (cost.remark.empty()) {
                constexpr unsigned many_rules = 500;
                measure(cost, observer,
                        rules > many_rules ? options_.packets / 4 : options_.packets);
                cost.ratio = cost.median() / (out.empty() ? cost : out.front()).median();
            }
            out.push_back(std::move(cost));
        }
        return out;
    }

    /// nfverdict only, with all records written, for one second of the guest.
    Cost at_rate(const std::string& engine, unsigned rules) {
        const auto observer =
            std::find_if(observers().begin(), observers().end(),
                         [](const Observer& each) { return each.name.ends_with("JSON"); });
        Cost cost = start(engine, rules, *observer);
        lab_.watch(*observer);
        cost.packets = lab_.flood(options_.rate, options_.rate).sent;
        finish(cost, *observer);
        return cost;
    }

  private:
    Cost start(const std::string& engine, unsigned rules, const Observer& observer) {
        progress_.phase(fmt::format("{} {}: {}", engine, rules, observer.name));
        Cost cost;
        cost.engine = engine;
        cost.rules = rules;
        cost.observer = observer.name;
        if (!observer.program.empty() && !lab_.has_program(observer.program))
            cost.remark = "not in the guest";
        else
            lab_.load_rules(engine, rules, observer.rule);
        return cost;
    }

    void measure(Cost& cost, const Observer& observer, unsigned packets) {
        if (!observer.program.empty())
            lab_.watch(observer);
        constexpr unsigned warm_up = 200;
        cost.packets = lab_.flood(warm_up, 0).sent;
        for (int round = 0; round < options_.rounds; ++round) {
            const Flood flood = lab_.flood(packets, 0);
            cost.packets += flood.sent;
            cost.instructions.push_back(static_cast<double>(flood.busy_ns) /
                                        static_cast<double>(flood.sent));
        }
        if (!observer.program.empty())
            finish(cost, observer);
    }

    void finish(Cost& cost, const Observer& observer) {
        lab_.end_watch();
        cost.seen = lab_.ask(observer.seen);
        if (!observer.lost.empty())
            cost.told_lost = lab_.ask(observer.lost).value_or(0);
    }

    const AttributionOptions& options_;
    Progress& progress_;
    AttributionLab& lab_;
};

// In a guest whose clock is the clock.
long attach_time(const plan::BootFiles& files) {
    AttributionLab lab(files, false);
    constexpr const char* check = "nfverdict check --load --json | "
                                  "sed -n 's/.*\"attach_ms\":\\([0-9]*\\).*/\\1/p'";
    lab.shell(check); // pages in what a first start has to read
    return static_cast<long>(lab.ask(check).value_or(0));
}

} // namespace

double Cost::median() const {
    return Samples{instructions}.median();
}

double Cost::spread() const {
    const Samples samples{instructions};
    return (samples.most() - samples.least()) / samples.median();
}

AttributionResult measure_attribution(const AttributionOptions& options, Progress& progress) {
    const auto tell = [&](const std::string& words) { progress.phase(words); };
    const kernel::Kernel kernel = kernel::find(options.kernel, {}, tell);
    const plan::BootFiles files = image::prepare(kernel, scenario::Boot::fast, tell);
    AttributionResult result;
    result.kernel_release = kernel.release;
    progress.phase("attaching");
    result.attach_ms = attach_time(files);
    progress.phase("starting a guest that counts instructions");
    AttributionLab lab(files, true);
    Measurement measurement(options, progress, lab);
    for (const char* engine : {"nft", "iptables"})
        for (const unsigned rules : options.rules)
            for (Cost& cost : measurement.costs(engine, rules))
                result.costs.push_back(std::move(cost));
    constexpr unsigned usual = 100;
    if (options.rate != 0)
        for (const char* engine : {"nft", "iptables"})
            result.at_rate.push_back(measurement.at_rate(engine, usual));
    return result;
}

} // namespace nflab::bench
