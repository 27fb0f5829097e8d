// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/defaults.hpp"

#include "harness/scenario/fields.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace nflab::scenario {

namespace {

Value* find(Value& map, std::string_view key) {
    for (auto& entry : map.entries) {
        if (entry.key == key)
            return &entry.value;
    }
    return nullptr;
}

void fill(Value& map, const Value* defaults) {
    if (map.kind != Value::Kind::map || defaults == nullptr)
        return;
    for (const auto& entry : defaults->entries) {
        if (map.find(entry.key) == nullptr)
            map.entries.push_back(entry);
    }
}

void fill_nodes(Value& document, const Fields& defaults) {
    Value* nodes = find(document, "nodes");
    if (nodes == nullptr)
        return;
    for (auto& node : nodes->entries) {
        const Value* kind = node.value.find("kind");
        // Two kinds of node, which share few keys: each has defaults of its own.
        if (kind != nullptr && (kind->text == "vm" || kind->text == "netns"))
            fill(node.value, defaults.get(kind->text));
    }
}

bool takes_at(const Value& expectation) {
    return expectation.find("reply") == nullptr && expectation.find("dropped_by") == nullptr;
}

void fill_steps(Value& document, const Fields& defaults) {
    Value* steps = find(document, "steps");
    if (steps == nullptr)
        return;
    for (auto& step : steps->items) {
        for (const auto* key : {"run", "send", "expect"}) {
            Value* list = find(step, key);
            if (list == nullptr)
                continue;
            for (auto& item : list->items) {
                if (std::string_view(key) != "expect" || takes_at(item))
                    fill(item, defaults.get(key));
            }
        }
    }
}

} // namespace

void fill_defaults(Value& document, Problems& problems) {
    const auto found = std::find_if(document.entries.begin(), document.entries.end(),
                                    [](const Entry& entry) { return entry.key == "defaults"; });
    if (found == document.entries.end())
        return;
    const Value value = std::move(found->value);
    document.entries.erase(found);
    const Fields defaults(value, defaults_object, problems);
    for (const Key& key : defaults_object.keys) {
        // Checked here as well, since nothing may need them.
        if (const Value* part = defaults.get(key.name))
            const Fields checked(*part, *key.object, problems);
    }
    fill_nodes(document, defaults);
    fill_steps(document, defaults);
}

} // namespace nflab::scenario
