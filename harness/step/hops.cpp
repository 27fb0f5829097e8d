// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/hops.hpp"

#include <map>
#include <queue>
#include <string>
#include <utility>

namespace nflab::step {

verdict::HopDistance hop_distance(const plan::Plan& plan) {
    std::map<std::pair<std::string, std::string>, int> hops;
    for (const plan::Node& origin : plan.nodes) {
        std::map<std::string, int> seen{{origin.name, 0}};
        std::queue<const plan::Node*> open;
        open.push(&origin);
        while (!open.empty()) {
            const plan::Node* node = open.front();
            open.pop();
            for (const plan::Nic* nic : plan::all_nics(*node))
                for (const plan::Node& other : plan.nodes)
                    for (const plan::Nic* far : plan::all_nics(other))
                        if (far->network == nic->network &&
                            seen.emplace(other.name, seen[node->name] + 1).second)
                            open.push(&other);
        }
        for (const auto& [name, distance] : seen)
            hops[{origin.name, name}] = distance;
    }
    return [hops](const std::string& from, const std::string& to) {
        const auto found = hops.find({from, to});
        return found == hops.end() ? 0 : found->second;
    };
}

} // namespace nflab::step
