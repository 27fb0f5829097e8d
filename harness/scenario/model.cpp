// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/model.hpp"

#include <algorithm>

namespace nflab::scenario {

bool PacketFilter::empty() const {
    return !protocol && !source_port && !destination_port && from.empty() && to.empty() && !length;
}

const Node* Scenario::find_node(const std::string& node_name) const {
    for (const Node& node : nodes) {
        if (node.name == node_name)
            return &node;
        for (const Node& inner : node.namespaces)
            if (inner.name == node_name)
                return &inner;
    }
    return nullptr;
}

const Network* Scenario::find_network(const std::string& network_name) const {
    const auto found = std::find_if(networks.begin(), networks.end(), [&](const Network& network) {
        return network.name == network_name;
    });
    return found == networks.end() ? nullptr : &*found;
}

std::string Scenario::full_name() const {
    std::string label;
    for (const auto& [parameter, value] : parameters)
        label.append(label.empty() ? " [" : ", ").append(parameter).append("=").append(value);
    return name + label + (label.empty() ? "" : "]");
}

const std::string& Scenario::file_of(Position where) const {
    return where.file == 0 ? file : included.at(static_cast<std::size_t>(where.file) - 1);
}

} // namespace nflab::scenario
