// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/terminal.hpp"

#include "harness/report/rule_place.hpp"
#include "harness/report/shape.hpp"
#include "harness/verdict/decision.hpp"
#include "harness/verdict/draw.hpp"
#include "harness/verdict/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace nflab::report {
namespace {

using verdict::PacketPath;
using verdict::SentPacket;

std::string paint(const verdict::PathLine& line, const Style& style) {
    return line.decides ? style.bad(line.text) : line.text;
}

std::string command_text(const step::CommandOutcome& command) {
    std::string text = fmt::format("  {}$ {}\n", command.node, command.command);
    constexpr std::size_t most_lines = 40;
    std::size_t lines = 0;
    for (const std::string& output : {command.out, command.err})
        for (std::size_t begin = 0; begin < output.size() && lines < most_lines; ++lines) {
            const std::size_t end = std::min(output.find('\n', begin), output.size());
            text += "    " + output.substr(begin, end - begin) + '\n';
            begin = end + 1;
        }
    return text;
}

std::string unseen_text(const std::vector<PacketPath>& paths, const std::vector<SentPacket>& sent) {
    std::string text;
    for (const auto& [line, times] : sent_without_path(paths, sent))
        text += times == 1 ? fmt::format("  {}\n", line) : fmt::format("  {} ({}×)\n", line, times);
    return text;
}

std::string check_text(const step::Check& check, const step::StepOutcome& outcome,
                       const Style& style) {
    if (check.passed)
        return fmt::format("  {} {}\n", style.good("ok  "), check.expected);
    std::string text =
        fmt::format("  {} {}\n       expected: {}\n       seen:     {}\n", style.bad("FAIL"),
                    check.expectation, check.expected, check.seen);
    if (!check.paths.empty()) {
        const PacketPath& path = outcome.paths[check.paths.front()];
        for (const auto& line : verdict::draw(outcome.paths, check.paths.front(), outcome.sent))
            text += "       " + paint(line, style) + '\n';
        if (const std::string why = verdict::explain(path); !why.empty())
            text += verdict::wrap(why, "       ") + '\n';
    }
    return text;
}

// Why the packet ended, and where that is written.
std::string explanation(const PacketPath& path, const step::StepOutcome& outcome) {
    std::string text = verdict::explain(path);
    const verdict::Record* end = path.end();
    if (const std::string place = end ? rule_place(outcome, *end) : std::string(); !place.empty())
        text += fmt::format(" It was written in {}.", place);
    return text;
}

} // namespace

std::string paths_text(const step::StepOutcome& outcome, const Style& style) {
    const std::vector<PacketPath>& paths = outcome.paths;
    const std::vector<SentPacket>& sent = outcome.sent;
    std::map<std::string, std::size_t> times;
    for (const PacketPath& path : paths)
        ++times[shape(path, sent)];
    std::string text;
    std::set<std::string> drawn;
    std::set<std::string> explained;
    std::size_t others = 0;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        if (!paths[i].sent && verdict::is_neighbour_noise(paths[i].records.front().packet)) {
            ++others;
            continue;
        }
        const std::string key = shape(paths[i], sent);
        if (!drawn.insert(key).second)
            continue;
        for (const auto& line : verdict::draw(paths, i, sent))
            text += paint(line, style) + '\n';
        if (times[key] > 1)
            text += fmt::format("   and {} more packet{} the same way\n", times[key] - 1,
                                times[key] == 2 ? "" : "s");
        const std::string why = explanation(paths[i], outcome);
        if (!why.empty() && explained.insert(why).second)
            text += style.strong(verdict::wrap(why, "   ")) + '\n';
    }
    if (others > 0)
        text += style.faint(fmt::format(
                    "  {} packets of neighbour discovery and multicast not shown", others)) +
                '\n';
    return text + unseen_text(paths, sent);
}

std::string step_text(const step::StepOutcome& outcome, std::size_t number, const Style& style) {
    std::string text = style.strong(fmt::format("step {}: {}", number, outcome.name)) + '\n';
    for (const step::CommandOutcome& command : outcome.commands)
        text += command_text(command);
    for (const step::TrafficOutcome& traffic : outcome.traffic)
        text += fmt::format("  {}\n", traffic.text);
    text += paths_text(outcome, style);
    for (const step::Check& check : outcome.checks)
        text += check_text(check, outcome, style);
    return text;
}

std::string cell_text(const step::CellOutcome& outcome, const Style& style) {
    using Status = step::CellOutcome::Status;
    std::string text;
    const std::string name =
        fmt::format("{} on {}", outcome.scenario_name,
                    outcome.kernel_release.empty() ? outcome.kernel_name : outcome.kernel_release);
    switch (outcome.status) {
    case Status::passed:
        text = style.good("passed") + "  " + name;
        break;
    case Status::failed:
        text = style.bad("FAILED") + "  " + name;
        break;
    case Status::skipped:
        return fmt::format("{}  {}: {}\n", style.warning("skipped"), name, outcome.reason);
    case Status::error:
        text = style.bad("ERROR") + "   " + name + ": " + outcome.reason;
        if (!outcome.hint.empty())
            text += "\n  hint: " + outcome.hint;
        break;
    }
    text += '\n';
    std::string timings;
    for (const auto& [phase, duration] : outcome.phases)
        timings += fmt::format("{}{} {:.2f} s", timings.empty() ? "" : ", ", phase,
                               static_cast<double>(duration.count()) / 1000);
    text += style.faint(
                fmt::format("  {} boot under {}; {}", outcome.boot, outcome.accelerator, timings)) +
            '\n';
    for (const step::Observation& seen : outcome.observations)
        text += style.faint(fmt::format("  {}: {} records by {}, {} lost", seen.node, seen.records,
                                        seen.method, seen.lost)) +
                '\n';
    if (outcome.status != Status::passed && !outcome.reproduce.empty())
        text += fmt::format("  reproduce with: {}\n", outcome.reproduce);
    return text;
}

} // namespace nflab::report
