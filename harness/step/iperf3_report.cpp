// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/iperf3_report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace nflab::step {
namespace {

using Json = nlohmann::json;

// The member of that name, or null.
const Json& part(const Json& object, const char* name) {
    static const Json none;
    const auto found = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && found != object.end() ? *found : none;
}

double number(const Json& object, const char* name) {
    const Json& value = part(object, name);
    return value.is_number() ? value.get<double>() : 0;
}

} // namespace

std::optional<std::string> read_iperf3_report(const std::string& report, TrafficOutcome& outcome) {
    const Json json = Json::parse(report, nullptr, false);
    if (!json.is_object())
        return "no report";
    outcome.json = report;
    if (const Json& error = part(json, "error"); error.is_string())
        return error.get<std::string>();
    const Json& end = part(json, "end");
    // Over UDP there is one sum for both ends before iperf3 3.17.
    const Json& received =
        part(end, "sum_received").is_object() ? part(end, "sum_received") : part(end, "sum");
    const Json& sent = part(end, "sum_sent").is_object() ? part(end, "sum_sent") : part(end, "sum");
    if (!received.is_object() || !sent.is_object())
        return "its report has no end";
    outcome.sent = static_cast<std::uint64_t>(number(sent, "bytes"));
    outcome.seconds = number(received, "seconds");
    outcome.bits_per_second = number(received, "bits_per_second");
    outcome.retransmits = static_cast<std::uint64_t>(number(sent, "retransmits"));
    outcome.text = fmt::format("iperf3: {} to {} {:.1f} Mbit/s in {:.1f} s", outcome.from,
                               outcome.to, outcome.bits_per_second / 1e6, outcome.seconds);
    if (part(sent, "retransmits").is_number())
        outcome.text += fmt::format(", {} retransmits", outcome.retransmits);
    return {};
}

} // namespace nflab::step
