// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/read_capture.hpp"

#include "harness/pcap/filter.hpp"
#include "harness/pcap/filter_words.hpp"
#include "harness/scenario/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace nflab::scenario {

namespace {

constexpr const char* every_interface = "any";

const Capture* find(const Step& step, const std::string& name) {
    const auto found = std::find_if(step.capture.begin(), step.capture.end(),
                                    [&](const Capture& other) { return other.name == name; });
    return found == step.capture.end() ? nullptr : &*found;
}

/// The `filter` as libpcap takes it; empty without one. Reports what it would not take.
std::string read_filter(Reading& reading, const Fields& fields) {
    if (fields.get("filter") == nullptr)
        return {};
    const auto address_of = [&](const std::string& word) -> std::optional<std::string> {
        const Node* node = reading.scenario.find_node(word);
        if (node == nullptr)
            return std::nullopt;
        const auto addresses = addresses_of(*node);
        return addresses.empty() ? std::nullopt : std::optional(addresses.front().text());
    };
    const auto words = pcap::replace_names(fields.text("filter"), address_of);
    if (!words.unknown.empty()) {
        if (reading.topology_sound)
            reading.problems.add(fields.where("filter"),
                                 fmt::format("unknown word '{}' in the pcap filter", words.unknown),
                                 "write what pcap-filter(7) knows, an address, or a node that has "
                                 "one under `nodes`");
        return {};
    }
    try {
        const pcap::Filter compiled(words.expression);
    } catch (const std::invalid_argument& error) {
        reading.problems.add(
            fields.where("filter"),
            fmt::format("'{}' is no pcap filter: {}", fields.text("filter"), error.what()),
            "pcap-filter(7) says what is one, such as \"icmp and src host 10.0.0.1\"");
    }
    return words.expression;
}

std::string read_interface(Reading& reading, const Fields& fields, const Node* node) {
    if (fields.get("interface") == nullptr)
        return node != nullptr && node->interfaces.size() == 1 ? node->interfaces.front().name
                                                               : every_interface;
    const std::string name = fields.text("interface");
    // A scenario's own commands may make more interfaces than the topology has.
    check_name(reading, {name, fields.where("interface")}, {"an interface", true, 15});
    return name;
}

} // namespace

Capture read_capture(Reading& reading, const Value& value, const Step& step) {
    const Fields fields(value, capture_object, reading.problems);
    Capture capture;
    capture.where = fields.where();
    capture.node = fields.text("at");
    const Node* node = fields.get("at") == nullptr
                           ? nullptr
                           : require_node(reading, {capture.node, fields.where("at")});
    capture.interface = read_interface(reading, fields, node);
    capture.filter = read_filter(reading, fields);
    const bool named = fields.get("name") != nullptr;
    capture.name = named ? fields.text("name") : capture.node;
    if (named)
        check_name(reading, {capture.name, fields.where("name")}, {"a capture"});
    if (!capture.name.empty() && find(step, capture.name) != nullptr)
        reading.problems.add(fields.where(named ? "name" : "at"),
                             fmt::format("two captures of this step are called '{}'", capture.name),
                             named ? "choose another name" : "give it a `name`");
    return capture;
}

CaptureMatch read_capture_match(Reading& reading, const Fields& fields, const Step& step) {
    CaptureMatch match;
    match.name = fields.text("capture");
    match.filter = read_filter(reading, fields);
    if (fields.get("capture") == nullptr || find(step, match.name) != nullptr)
        return match;
    std::vector<std::string> known;
    for (const auto& capture : step.capture)
        known.push_back(capture.name);
    reading.problems.add(
        fields.where("capture"), fmt::format("this step has no capture '{}'", match.name),
        known.empty() ? "add it to the step's `capture`" : suggest(match.name, known));
    return match;
}

} // namespace nflab::scenario
