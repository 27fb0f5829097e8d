// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/json.hpp"

#include "harness/verdict/draw.hpp"
#include "harness/verdict/explain.hpp"

#include <nlohmann/json.hpp>

namespace nflab::report {
namespace {

using nlohmann::json;
using verdict::PacketPath;
using verdict::SentPacket;

// Changes whenever a field changes its meaning or goes away.
constexpr int format_version = 1;

const char* word(SentPacket::Result result) {
    switch (result) {
    case SentPacket::Result::replied:
        return "replied";
    case SentPacket::Result::timeout:
        return "timeout";
    case SentPacket::Result::failed:
        return "failed";
    case SentPacket::Result::pending:
        break;
    }
    return "pending";
}

json to_json(const SentPacket& packet) {
    json out = {{"node", packet.node},
                {"protocol", packet.protocol},
                {"source", packet.source},
                {"destination", packet.destination},
                {"result", word(packet.result)}};
    if (packet.protocol == "icmp") {
        out["icmp_id"] = packet.icmp_id;
        out["icmp_sequence"] = packet.icmp_sequence;
    } else {
        out["source_port"] = packet.source_port;
        out["destination_port"] = packet.destination_port;
    }
    if (packet.result == SentPacket::Result::replied)
        out["rtt_us"] = packet.rtt_us;
    if (!packet.detail.empty())
        out["detail"] = packet.detail;
    return out;
}

json to_json(const PacketPath& path, const std::vector<SentPacket>& sent) {
    json out = {{"direction", path.reply ? "reply" : "original"},
                {"packet", verdict::describe(path)},
                {"outcome", verdict::outcome(path, sent)},
                {"records", path.records}};
    if (path.sent)
        out["sent"] = *path.sent;
    if (path.pieces > 1)
        out["pieces"] = path.pieces;
    if (path.cause)
        out["cause"] = {
            {"kind", path.cause->kind == verdict::Cause::Kind::copy ? "copy" : "answer"},
            {"packet", path.cause->path},
            {"record", path.cause->record}};
    if (!path.doubts.empty())
        out["doubts"] = path.doubts;
    if (const std::string why = verdict::explain(path); !why.empty())
        out["explanation"] = why;
    return out;
}

} // namespace

const char* word(step::CellOutcome::Status status) {
    switch (status) {
    case step::CellOutcome::Status::passed:
        return "passed";
    case step::CellOutcome::Status::failed:
        return "failed";
    case step::CellOutcome::Status::skipped:
        return "skipped";
    case step::CellOutcome::Status::error:
        break;
    }
    return "error";
}

json step_object(const step::StepOutcome& step) {
    json out = {{"name", step.name},
                {"passed", step.passed()},
                {"duration_ms", step.duration.count()},
                {"rulesets", json::array()},
                {"commands", json::array()},
                {"expectations", json::array()}};
    out.update(packets(step.sent, step.paths));
    for (const step::TrafficOutcome& traffic : step.traffic)
        out["traffic"].push_back({{"kind", traffic.kind},
                                  {"from", traffic.from},
                                  {"to", traffic.to},
                                  {"sent", traffic.sent},
                                  {"seconds", traffic.seconds},
                                  {"bits_per_second", traffic.bits_per_second},
                                  {"retransmits", traffic.retransmits},
                                  {"text", traffic.text}});
    for (const step::CaptureOutcome& capture : step.captures)
        out["captures"].push_back({{"name", capture.name},
                                   {"node", capture.node},
                                   {"interface", capture.interface},
                                   {"filter", capture.filter},
                                   {"packets", capture.packets},
                                   {"dropped", capture.dropped}});
    for (const step::CommandOutcome& command : step.commands)
        out["commands"].push_back({{"node", command.node},
                                   {"command", command.command},
                                   {"exit_code", command.exit_code},
                                   {"signal", command.signal},
                                   {"timed_out", command.timed_out},
                                   {"stdout", command.out},
                                   {"stderr", command.err}});
    for (const step::AppliedRuleset& ruleset : step.applied)
        out["rulesets"].push_back({{"node", ruleset.node},
                                   {"engine", ruleset.engine},
                                   {"file", ruleset.file},
                                   {"line", ruleset.line},
                                   {"text", ruleset.text}});
    for (const step::NodeSnapshot& snapshot : step.snapshots)
        out["snapshots"].push_back(
            {{"name", snapshot.name}, {"node", snapshot.node}, {"parts", snapshot.parts}});
    for (const step::Check& check : step.checks)
        out["expectations"].push_back({{"text", check.expectation},
                                       {"line", check.line},
                                       {"passed", check.passed},
                                       {"expected", check.expected},
                                       {"seen", check.seen},
                                       {"paths", check.paths}});
    return out;
}

json cell_object(const step::CellOutcome& cell) {
    json out = {{"scenario", cell.scenario_name},
                {"file", cell.scenario_file},
                {"status", word(cell.status)},
                {"kernel",
                 {{"name", cell.kernel_name},
                  {"release", cell.kernel_release},
                  {"package", cell.kernel_package},
                  {"command_line", cell.command_line}}},
                {"boot", cell.boot},
                {"accelerator", cell.accelerator},
                {"alterations", cell.alterations},
                {"lost", cell.lost()},
                {"phases_ms", json::object()},
                {"observations", json::array()},
                {"reproduce", cell.reproduce}};
    if (!cell.reason.empty())
        out["reason"] = cell.reason;
    if (!cell.hint.empty())
        out["hint"] = cell.hint;
    if (!cell.accelerator_reason.empty())
        out["accelerator_reason"] = cell.accelerator_reason;
    for (const auto& [phase, duration] : cell.phases)
        out["phases_ms"][phase] = duration.count();
    for (const step::Observation& seen : cell.observations)
        out["observations"].push_back({{"node", seen.node},
                                       {"method", seen.method},
                                       {"records", seen.records},
                                       {"lost", seen.lost},
                                       {"notices", seen.notices}});
    return out;
}

std::string dump(const json& value, int indent) {
    return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

json packets(const std::vector<SentPacket>& sent, const std::vector<PacketPath>& paths) {
    json out = {{"sent", json::array()}, {"packets", json::array()}};
    for (const SentPacket& packet : sent)
        out["sent"].push_back(to_json(packet));
    for (const PacketPath& path : paths)
        out["packets"].push_back(to_json(path, sent));
    return out;
}

json document(const std::vector<step::CellOutcome>& cells) {
    json out = {{"nflab", NFLAB_VERSION}, {"format", format_version}, {"cells", json::array()}};
    for (const step::CellOutcome& cell : cells) {
        json object = cell_object(cell);
        object["steps"] = json::array();
        for (const step::StepOutcome& step : cell.steps)
            object["steps"].push_back(step_object(step));
        out["cells"].push_back(std::move(object));
    }
    return out;
}

} // namespace nflab::report
