// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/only_lab.hpp"
#include "harness/cli/say.hpp"
#include "harness/kernel/kernel.hpp"
#include "harness/kernel/kretprobe_module.hpp"
#include "harness/lab/session.hpp"
#include "harness/report/progress_line.hpp"
#include "harness/report/style.hpp"
#include "harness/step/tracers.hpp"
#include "harness/verdict/decision.hpp"
#include "harness/verdict/path.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <csignal>
#include <memory>

namespace nflab::cli {
namespace {

struct TraceFlags {
    std::string lab;
    std::vector<std::string> words; ///< a node, perhaps, then a filter
    std::string method;
    bool all = false;
    double duration = 0;
};

std::atomic<bool> interrupted = false;

std::vector<step::TraceOrder> orders(const TraceFlags& flags, const plan::Plan& plan) {
    const auto mode = flags.all ? scenario::Trace::all : scenario::Trace::verdicts;
    std::vector<std::string> filter = flags.words;
    std::string node;
    if (!filter.empty() && plan.find_node(filter.front())) {
        node = filter.front();
        filter.erase(filter.begin());
    }
    std::vector<step::TraceOrder> orders = step::trace_guests(plan, mode, node);
    if (orders.empty())
        throw Error(Failure::bad_input,
                    node.empty()
                        ? "this lab has no vm node to trace"
                        : fmt::format("'{}' is no vm node: its kernel is this machine's", node));
    for (step::TraceOrder& order : orders) {
        order.filter = fmt::format("{}", fmt::join(filter, " "));
        if (!flags.method.empty())
            order.arguments = {"--method", flags.method};
        if (order.needs_module())
            order.module =
                kernel::kretprobe_module(kernel::find(plan.boot.kernel_name, {}, say), say);
    }
    return orders;
}

void trace(const TraceFlags& flags, const Context& context) {
    lab::Session session = lab::Session::connect(only_lab(flags.lab));
    const report::Style style = report::Style::for_output(1);
    const auto wanted = orders(flags, session.plan());
    report::SilentProgress progress;
    step::Tracers tracers(session, wanted, progress, [&](const verdict::Record& record) {
        if (context.json) {
            fmt::print("{}\n", nlohmann::json(record).dump());
        } else {
            const std::string line = verdict::line(record, record.node);
            fmt::print("{}\n", verdict::ends_packet(record) ? style.bad(line) : line);
        }
        std::fflush(stdout);
    });
    for (const step::Observation& each : tracers.observations())
        fmt::print(stderr, "observing {} by {}\n", each.node, each.method);

    std::signal(SIGINT, [](int) { interrupted = true; });
    std::signal(SIGTERM, [](int) { interrupted = true; });
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::milliseconds(static_cast<std::int64_t>(flags.duration * 1000));
    constexpr std::chrono::milliseconds look_around{100};
    while (!interrupted && (flags.duration <= 0 || std::chrono::steady_clock::now() < end))
        session.wait([] { return interrupted.load(); }, look_around);
    tracers.synchronise();
    for (const step::Observation& each : tracers.observations())
        fmt::print(stderr, "{}: {} records, {} lost\n", each.node, each.records, each.lost);
}

} // namespace

void add_trace(CLI::App& app, Context& context) {
    auto flags = std::make_shared<TraceFlags>();
    CLI::App* command = app.add_subcommand("trace", "Every verdict of a lab's guests, live");
    command->add_option("lab", flags->lab, "the lab (default: the only one that is up)");
    command->add_option("node-and-filter", flags->words,
                        "only this node; only packets that a filter as in pcap-filter(7) lets "
                        "through, on their headers at each hook: 'tcp port 22 and host 10.0.0.1'");
    command
        ->add_option("--method", flags->method,
                     "how it is seen (nfverdict(8)), instead of by the best way that works")
        ->check(CLI::IsMember({"site", "decoy", "kprobe-events", "fexit", "kretprobe"}));
    command->add_flag("--all", flags->all, "also the rules that only passed a packet on");
    command->add_option("--duration", flags->duration, "end after so many seconds");
    command->callback([flags, &context] { trace(*flags, context); });
}

} // namespace nflab::cli
