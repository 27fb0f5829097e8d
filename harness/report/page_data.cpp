// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/page_data.hpp"

#include "harness/base/utf8.hpp"
#include "harness/report/compressed.hpp"
#include "harness/report/json.hpp"
#include "harness/report/marked_rule.hpp"
#include "harness/report/shape.hpp"
#include "harness/report/topology_drawing.hpp"
#include "harness/verdict/decision.hpp"
#include "harness/verdict/draw.hpp"
#include "harness/verdict/explain.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace nflab::report {
namespace {

using nlohmann::json;
using verdict::PacketPath;
using verdict::Record;

// A command that prints a book is shown up to here; the JSON formats have all of it.
constexpr std::size_t most_output = std::size_t{64} * 1024;
// Of a flood, so many packets have an address of their own in the page.
constexpr std::size_t most_packets = 500;

std::string shortened(const std::string& output) {
    if (output.size() <= most_output)
        return output;
    return fmt::format("{}\n[{} more bytes]\n", output.substr(0, most_output),
                       output.size() - most_output);
}

const char* kind_of_end(const PacketPath& path, const std::vector<verdict::SentPacket>& sent) {
    if (const Record* end = path.end())
        return verdict::destroys_packet(*end) ? "dropped" : "taken";
    if (!path.sent || path.reply || path.cause)
        return "passed";
    return sent[*path.sent].result == verdict::SentPacket::Result::replied ? "answered" : "silent";
}

std::string engine_of(const Record& record) {
    if (record.rule_kind != verdict::RuleKind::none)
        return record.engine;
    return record.method == "hook" ? "function" : "no rule";
}

} // namespace

std::size_t PageData::text(const std::string& text) {
    const auto [at, is_new] = text_numbers_.try_emplace(text, texts_.size());
    if (is_new)
        texts_.push_back(text);
    return at->second;
}

std::size_t PageData::row(const Record& record) {
    const std::vector<std::size_t> cells{
        text(record.node),
        text(std::to_string(record.netns)),
        text(record.hook),
        text(record.priority ? std::to_string(*record.priority) : ""),
        text(engine_of(record)),
        text(verdict::table_and_chain(record)),
        text(verdict::decision(record)),
        text(verdict::grounds(record)),
        text(verdict::translation(record)),
        text(record.verdict),
        text(record.in_device),
        text(record.out_device),
        text(record.method)};
    const auto [at, is_new] = row_numbers_.try_emplace(cells, rows_.size());
    if (is_new)
        rows_.push_back(cells);
    return at->second;
}

// [listing, first, last, why not, ruleset, first, last, why not], numbers of the step's listings
// and the cell's applied rulesets; -1 and 0 where nothing is marked.
json PageData::mark(const step::StepOutcome& outcome, const Record& record) {
    json all = json::array({-1, 0, 0, text(""), -1, 0, 0, text("")});
    const auto set = [&](std::size_t at, std::ptrdiff_t which, const MarkedLines& marked) {
        all[at] = which;
        if (marked.lines) {
            all[at + 1] = marked.lines->first;
            all[at + 2] = marked.lines->last;
        }
        all[at + 3] = text(marked.why_not);
    };
    const step::RulesetListing* listing = listing_of(outcome, record);
    if (listing)
        set(0, listing - outcome.listings.data(), mark_in_listing(*listing, record));
    if (const step::AppliedRuleset* source = source_of(applied_, record))
        set(4, source - applied_.data(),
            listing ? mark_in_source(*source, *listing, record)
                    : MarkedLines{{}, "the rules were not listed after the step"});
    return all;
}

json PageData::group(const step::StepOutcome& outcome, const std::vector<std::size_t>& alike) {
    const PacketPath& path = outcome.paths[alike.front()];
    json out = {{"packets", json::array()},
                {"count", alike.size()},
                {"what", text(verdict::describe(path))},
                {"end", text(verdict::outcome(path, outcome.sent))},
                {"kind", kind_of_end(path, outcome.sent)},
                {"reply", path.reply},
                {"why", text(verdict::explain(path))},
                {"rows", json::array()},
                {"after_us", json::array()},
                {"marks", json::array()},
                {"last", -1}};
    for (std::size_t i = 0; i < std::min(alike.size(), most_packets); ++i) {
        const PacketPath& each = outcome.paths[alike[i]];
        const bool answered =
            each.sent && !each.reply && !each.cause &&
            outcome.sent[*each.sent].result == verdict::SentPacket::Result::replied;
        out["packets"].push_back(
            {alike[i] + 1, answered ? json(outcome.sent[*each.sent].rtt_us) : json()});
    }
    std::map<std::string, std::uint64_t> begin; // of each node, as their clocks differ
    for (std::size_t i = 0; i < path.records.size(); ++i) {
        const Record& record = path.records[i];
        const std::uint64_t first = begin.try_emplace(record.node, record.time_ns).first->second;
        out["rows"].push_back(row(record));
        out["after_us"].push_back(record.time_ns < first ? 0 : (record.time_ns - first) / 1000);
        out["marks"].push_back(mark(outcome, record));
        if (&record == path.end())
            out["last"] = i;
    }
    for (const std::string& doubt : path.doubts)
        out["doubts"].push_back(text(doubt));
    if (path.cause)
        out["cause"] = {path.cause->kind == verdict::Cause::Kind::copy ? "a copy of" : "caused by",
                        path.cause->path + 1};
    return out;
}

json PageData::groups(const step::StepOutcome& outcome) {
    std::map<std::string, std::size_t> numbers;
    std::vector<std::vector<std::size_t>> alike;
    for (std::size_t i = 0; i < outcome.paths.size(); ++i) {
        const PacketPath& path = outcome.paths[i];
        if (!path.sent && verdict::is_neighbour_noise(path.records.front().packet))
            continue;
        const auto [at, is_new] = numbers.try_emplace(shape(path, outcome.sent), alike.size());
        if (is_new)
            alike.emplace_back();
        alike[at->second].push_back(i);
    }
    json all = json::array();
    for (const std::vector<std::size_t>& each : alike)
        all.push_back(group(outcome, each));
    return all;
}

json PageData::step(const step::StepOutcome& outcome, const std::vector<std::string>& captures,
                    std::size_t& next_capture) {
    json out = {{"name", outcome.name},
                {"passed", outcome.passed()},
                {"ms", outcome.duration.count()},
                {"groups", groups(outcome)},
                {"noise", 0},
                {"unseen", json::array()},
                {"commands", json::array()},
                {"checks", json::array()},

                {"listings", json::array()},
                {"captures", json::array()}};
    out["noise"] =
        std::count_if(outcome.paths.begin(), outcome.paths.end(), [](const PacketPath& path) {
            return !path.sent && verdict::is_neighbour_noise(path.records.front().packet);
        });
    for (const auto& [line, times] : sent_without_path(outcome.paths, outcome.sent))
        out["unseen"].push_back({text(line), times});
    for (const step::CommandOutcome& command : outcome.commands)
        out["commands"].push_back({text(command.node), text(command.command), command.exit_code,
                                   command.signal, command.timed_out, text(shortened(command.out)),
                                   text(shortened(command.err))});
    for (const step::Check& check : outcome.checks) {
        std::vector<std::size_t> packets;
        for (const std::size_t path : check.paths)
            packets.push_back(path + 1);
        packets.resize(std::min(packets.size(), most_packets));
        out["checks"].push_back({text(check.expectation), check.line, check.passed,
                                 text(check.expected), text(check.seen), packets});
    }
    for (const step::RulesetListing& listing : outcome.listings)
        out["listings"].push_back({text(listing.node), text(listing.engine), text(listing.text)});
    for (const step::CaptureOutcome& capture : outcome.captures) {
        const std::string file = next_capture < captures.size() ? captures[next_capture++] : "";
        out["captures"].push_back({text(capture.name), text(capture.node), text(capture.interface),
                                   text(capture.filter), capture.packets, capture.dropped, file});
    }
    return out;
}

void PageData::add(const CellName& name, const step::CellOutcome& outcome,
                   const std::vector<std::string>& captures) {
    json out = {
        {"scenario", outcome.scenario_name},
        {"file", outcome.scenario_file},
        {"status", word(outcome.status)},
        {"reason", outcome.reason},
        {"hint", outcome.hint},
        {"kernel", outcome.kernel_name},
        {"release", outcome.kernel_release},
        {"package", text(outcome.kernel_package)},
        {"command_line", text(outcome.command_line)},
        {"boot", outcome.boot},
        {"accelerator", outcome.accelerator},
        {"accelerator_reason", text(outcome.accelerator_reason)},
        {"alterations", json::array()},
        {"began", fmt::format("{:%Y-%m-%d %H:%M:%S} UTC",
                              fmt::gmtime(std::chrono::system_clock::to_time_t(outcome.began)))},
        {"phases", json::array()},
        {"observations", json::array()},
        {"lost", outcome.lost()},
        {"reproduce", outcome.reproduce},
        {"text", text(outcome.scenario_text)},
        {"topology", text(svg(draw_topology(outcome.nodes, outcome.networks)))},
        {"consoles", json::array()},
        {"steps", json::array()}};
    for (const std::string& alteration : outcome.alterations)
        out["alterations"].push_back(text(alteration));
    for (const auto& [phase, duration] : outcome.phases)
        out["phases"].push_back({text(phase), duration.count()});
    for (const step::Observation& seen : outcome.observations) {
        json notices = json::array();
        for (const std::string& notice : seen.notices)
            notices.push_back(text(notice));
        out["observations"].push_back(
            {text(seen.node), text(seen.method), seen.records, seen.lost, notices});
    }
    for (const step::ConsoleText& console : outcome.consoles)
        out["consoles"].push_back({text(console.node), text(gzip_base64(valid_utf8(console.text))),
                                   console.left_out, console.text.size()});
    std::size_t next_capture = 0;
    applied_.clear();
    for (const step::StepOutcome& each : outcome.steps) {
        applied_.insert(applied_.end(), each.applied.begin(), each.applied.end());
        out["steps"].push_back(step(each, captures, next_capture));
    }
    for (const step::AppliedRuleset& ruleset : applied_)
        out["applied"].push_back({text(ruleset.node), text(ruleset.engine), text(ruleset.text),
                                  text(ruleset.file), ruleset.line});
    cells_[name.index] = std::move(out);
}

json PageData::document() const {
    json cells = json::array();
    for (const auto& [index, cell] : cells_)
        cells.push_back(cell);
    return {{"nflab", NFLAB_VERSION}, {"texts", texts_}, {"rows", rows_}, {"cells", cells}};
}

} // namespace nflab::report
