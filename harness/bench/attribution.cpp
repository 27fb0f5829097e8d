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

    /// nfverdict only, for one second of the guest.
    std::vector<Cost> at_rate(const std::string& engine, unsigned rules) {
        std::vector<Cost> out;
        for (const Observer& observer : observers()) {
            if (observer.program != "nfverdict")
                continue;
            Cost cost = start(engine, rules, observer);
            lab_.watch(observer);
            const Flood flood = lab_.flood(options_.rate, options_.rate);
            cost.packets = flood.sent;
            cost.rate = static_cast<double>(flood.sent) * 1e9 / static_cast<double>(flood.time_ns);
            finish(cost, observer);
            out.push_back(std::move(cost));
        }
        return out;
    }

  private:
    Cost start(const std::string& engine, unsigned rules, const Observer& observer) {
        progress_.phase(fmt::format("{} {}: {}", engine, rules, observer.name));
        Cost cost;
        cost.engine = engine;
        cost.rules = rules;
        cost.observer = observer.name;
        if (!observer.program.empty() && !lab_.has_program(observer.program))
            cost.remark = "neither in the guest nor on this machine";
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

// The attach times of a first start, which has everything to read, and of a second one.
std::vector<long> attach_times(AttributionLab& lab) {
    constexpr const char* check = "nfverdict check --load --json | "
                                  "sed -n 's/.*\"attach_ms\":\\([0-9]*\\).*/\\1/p'";
    const auto start = [&] { return static_cast<long>(lab.ask(check).value_or(0)); };
    const long first = start();
    return {first, start()};
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
    progress.phase("starting a guest that counts instructions");
    AttributionLab lab(files, true);
    result.attach_ms = attach_times(lab);
    Measurement measurement(options, progress, lab);
    for (const char* engine : {"nft", "iptables"})
        for (const unsigned rules : options.rules)
            for (Cost& cost : measurement.costs(engine, rules))
                result.costs.push_back(std::move(cost));
    constexpr unsigned usual = 100;
    if (options.rate != 0)
        for (const char* engine : {"nft", "iptables"})
            for (Cost& cost : measurement.at_rate(engine, usual))
                result.at_rate.push_back(std::move(cost));
    return result;
}

} // namespace nflab::bench
