// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/reading.hpp"

#include "harness/scenario/features.hpp"
#include "harness/scenario/kernel_constraint.hpp"
#include "harness/scenario/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nflab::scenario {

namespace {

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void read_kernel_log(Reading& reading, const Value& value) {
    const Fields fields(value, kernel_log_object, reading.problems);
    QuietKernel& log = reading.scenario.kernel_log;
    log.where = value.where;
    if (fields.get("level") != nullptr)
        log.level = log_level(fields.text("level"));
    for (const auto& text : fields.texts("allow"))
        log.allow.push_back(text.text);
}

} // namespace

int log_level(std::string_view word) {
    const auto* const found = std::find(std::begin(log_levels), std::end(log_levels), word);
    return found == std::end(log_levels) ? -1 : static_cast<int>(found - std::begin(log_levels));
}

void read_header(Reading& reading, const Fields& file) {
    Scenario& scenario = reading.scenario;
    scenario.name = file.text("name");
    if (file.get("name") != nullptr)
        check_name(reading, {scenario.name, file.where("name")}, {"a scenario", true});
    scenario.summary = file.text("summary");
    scenario.origin = file.text("origin");
    for (const auto& feature : file.texts("requires")) {
        const auto& known = feature_names();
        if (std::find(known.begin(), known.end(), feature.text) != known.end())
            scenario.requires_features.push_back(feature.text);
        else
            reading.problems.add(feature.where, fmt::format("unknown feature '{}'", feature.text),
                                 suggest(feature.text, known));
    }
    scenario.kernels = read_kernels(reading, file);
    scenario.boot = file.text("boot") == "faithful" ? Boot::faithful : Boot::fast;
    if (const Value* log = file.get("kernel_log"))
        read_kernel_log(reading, *log);
}

const Node* require_node(Reading& reading, const Text& name) {
    if (const Node* node = reading.scenario.find_node(name.text))
        return node;
    std::vector<std::string> known;
    for (const auto& node : reading.scenario.nodes) {
        known.push_back(node.name);
        for (const auto& inner : node.namespaces)
            known.push_back(inner.name);
    }
    reading.problems.add(name.where, fmt::format("unknown node '{}'", name.text),
                         suggest(name.text, known));
    return nullptr;
}

std::string read_kernels(Reading& reading, const Fields& fields) {
    std::string kernels = fields.text("kernels");
    if (fields.get("kernels") != nullptr && !KernelConstraint::parse(kernels))
        reading.problems.add(fields.where("kernels"),
                             fmt::format("'{}' does not say which kernels", kernels),
                             "write comparisons such as \">=5.10\" or \">=5.10 <6.12\"");
    return kernels;
}

std::vector<std::string> read_host(Reading& reading, const Text& text) {
    if (const auto address = Address::parse(text.text))
        return {address->text()};
    const Node* node = require_node(reading, text);
    if (node == nullptr)
        return {};
    std::vector<std::string> addresses;
    for (const auto& address : addresses_of(*node))
        addresses.push_back(address.text());
    if (addresses.empty() && reading.topology_sound)
        reading.problems.add(text.where, fmt::format("node '{}' has no address", text.text),
                             "no packet can come from it or go to it: give it one under `nodes`");
    return addresses;
}

bool check_name(Reading& reading, const Text& name, const NameRule& rule) {
    const std::string& text = name.text;
    const bool good =
        !text.empty() && text.size() <= rule.longest && is_alphanumeric(text.front()) &&
        std::all_of(text.begin(), text.end(), [&](char c) {
            return is_alphanumeric(c) || c == '-' || c == '_' || (rule.dots && c == '.');
        });
    if (!good)
        reading.problems.add(
            name.where, fmt::format("'{}' cannot be the name of {}", text, rule.what),
            fmt::format("write at most {} letters, digits, {}, a letter or digit first",
                        rule.longest, rule.dots ? "'-', '_' and '.'" : "'-' and '_'"));
    return good;
}

std::vector<Address> addresses_of(const Node& node) {
    std::vector<Address> addresses;
    const auto add = [&](const std::vector<std::string>& texts) {
        for (const auto& text : texts) {
            if (const auto address = Subnet::parse(text))
                addresses.push_back(address->address);
        }
    };
    for (const auto& interface : node.interfaces)
        add(interface.addresses);
    for (const auto& link : node.links)
        add(link.addresses);
    return addresses;
}

bool has_address(const Node& node, bool ipv6) {
    const auto addresses = addresses_of(node);
    return std::any_of(addresses.begin(), addresses.end(),
                       [ipv6](const Address& address) { return address.ipv6() == ipv6; });
}

} // namespace nflab::scenario
