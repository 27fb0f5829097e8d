// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/only_lab.hpp"
#include "harness/lab/session.hpp"
#include "harness/report/style.hpp"
#include "harness/step/tracer.hpp"
#include "harness/verdict/explain.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <csignal>
#include <memory>

namespace nflab::cli {
namespace {

struct TraceFlags {
    std::string lab;
    std::string node;
    std::string filter;
    bool all = false;
    double duration = 0;
};

std::atomic<bool> interrupted = false;

std::string line_of(const verdict::Record& record) {
    std::string line = fmt::format(
        "{:>12.6f} {} {:<11} {:>5} {} {} {}", static_cast<double>(record.time_ns) / 1e9,
        record.node, record.hook, record.priority ? std::to_string(*record.priority) : "",
        verdict::describe(record.packet), verdict::place(record), verdict::decision(record));
    if (!record.rule_text.empty())
        line += fmt::format(" \"{}\"", record.rule_text);
    return line;
}

void trace(const TraceFlags& flags, const Context& context) {
    lab::Session session = lab::Session::connect(only_lab(flags.lab));
    const report::Style style = report::Style::for_output(1);
    std::vector<std::unique_ptr<step::Tracer>> tracers;
    for (const plan::Node& node : session.plan().nodes) {
        if (node.kind != scenario::NodeKind::vm || (!flags.node.empty() && node.name != flags.node))
            continue;
        tracers.push_back(std::make_unique<step::Tracer>(
            session, node.name, flags.all ? scenario::Trace::all : scenario::Trace::verdicts));
        tracers.back()->on_record = [&](const verdict::Record& record) {
            const std::string line = context.json ? nlohmann::json(record).dump() : line_of(record);
            if (line.find(flags.filter) == std::string::npos)
                return;
            fmt::print("{}\n",
                       verdict::ends_packet(record) && !context.json ? style.bad(line) : line);
            std::fflush(stdout);
        };
    }
    if (tracers.empty())
        throw Error(Failure::bad_input,
                    flags.node.empty() ? "this lab has no vm node to trace"
                                       : fmt::format("this lab has no vm node '{}'", flags.node));
    for (const auto& tracer : tracers) {
        tracer->wait_ready();
        fmt::print(stderr, "observing {} by {}\n", tracer->observation().node,
                   tracer->observation().method);
    }

    std::signal(SIGINT, [](int) { interrupted = true; });
    std::signal(SIGTERM, [](int) { interrupted = true; });
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::milliseconds(static_cast<std::int64_t>(flags.duration * 1000));
    constexpr std::chrono::milliseconds look_around{100};
    while (!interrupted && (flags.duration <= 0 || std::chrono::steady_clock::now() < end))
        session.wait([] { return interrupted.load(); }, look_around);
    for (const auto& tracer : tracers) {
        tracer->synchronise();
        fmt::print(stderr, "{}: {} records, {} lost\n", tracer->observation().node,
                   tracer->observation().records, tracer->observation().lost);
    }
}

} // namespace

void add_trace(CLI::App& app, Context& context) {
    auto flags = std::make_shared<TraceFlags>();
    CLI::App* command = app.add_subcommand("trace", "Every verdict of a lab's guests, live");
    command->add_option("lab", flags->lab, "the lab (default: the only one that is up)");
    command->add_option("node", flags->node, "only this node");
    command->add_option("--filter", flags->filter, "only lines that contain this text");
    command->add_flag("--all", flags->all, "also the rules that only passed a packet on");
    command->add_option("--duration", flags->duration, "end after so many seconds");
    command->callback([flags, &context] { trace(*flags, context); });
}

} // namespace nflab::cli
