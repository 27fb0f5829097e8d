// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/prose.hpp"

#include "harness/scenario/keys.hpp"
#include "harness/scenario/prose_words.hpp"
#include "harness/scenario/source_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace nflab::scenario {

namespace {

const Key* find_key(const Object& object, std::string_view name) {
    const auto found = std::find_if(object.keys.begin(), object.keys.end(),
                                    [&](const Key& key) { return key.name == name; });
    return found == object.keys.end() ? nullptr : &*found;
}

std::string filled(std::string_view words, const std::string& value) {
    std::string text(words);
    if (const std::size_t at = text.find("{}"); at != std::string::npos)
        text.replace(at, 2, value);
    return text;
}

std::string joined(const std::vector<std::string>& items, const char* between) {
    std::string text;
    for (const std::string& item : items)
        text += (text.empty() ? "" : between) + item;
    return text;
}

std::string listed(const std::vector<std::string>& items) {
    if (items.size() < 2)
        return joined(items, "");
    return joined({items.begin(), items.end() - 1}, ", ") + " and " + items.back();
}

const KeyWords* words_for(const Object& object, std::string_view key, std::string_view value) {
    const KeyWords* any = nullptr;
    for (const KeyWords& each : key_words())
        if (each.object == object.id && each.key == key) {
            if (!each.value.empty() && each.value == value)
                return &each;
            if (each.value.empty())
                any = &each;
        }
    return any;
}

std::vector<std::string> fragments(const Object& object, const Value& value);

std::string one(const Object* object, const Value& value) {
    if (value.kind == Value::Kind::scalar)
        return value.text;
    if (object && value.kind == Value::Kind::map)
        return joined(fragments(*object, value), object == &decider_object ? " " : ", ");
    return flow_text(value);
}

// A value in words: lists by "and", what an object says by its own words.
std::string shown(const Key* key, const Value& value) {
    const Object* object = key ? key->object : nullptr;
    std::vector<std::string> items;
    if (value.kind == Value::Kind::sequence) {
        for (const Value& item : value.items)
            items.push_back(one(object, item));
        return object ? joined(items, "; then ") : listed(items);
    }
    if (value.kind != Value::Kind::map || (object && key->shape != Shape::object_map))
        return one(object, value);
    for (const Entry& entry : value.entries) {
        const std::string what = entry.value.kind == Value::Kind::sequence
                                     ? shown(nullptr, entry.value)
                                     : one(object, entry.value);
        const bool place = key && (key->name == "addresses" || key->name == "routes");
        items.push_back(place && key->name == "addresses" ? fmt::format("{} in {}", what, entry.key)
                        : place                           ? fmt::format("{} by {}", entry.key, what)
                        : object                          ? fmt::format("{} ({})", entry.key, what)
                                 : fmt::format("{} = {}", entry.key, what));
    }
    return listed(items);
}

// What stands for each key of a mapping, in the order of the words; keys without words come last.
std::vector<std::string> fragments(const Object& object, const Value& value) {
    std::vector<std::string> parts;
    std::set<std::string_view> told;
    for (const KeyWords& each : key_words()) {
        const Value* part = each.object == object.id ? value.find(each.key) : nullptr;
        if (!part || !told.insert(each.key).second)
            continue;
        const KeyWords* words = words_for(object, each.key, part->text);
        if (!words)
            told.erase(each.key);
        else if (!words->words.empty())
            parts.push_back(filled(words->words, shown(find_key(object, each.key), *part)));
    }
    for (const Entry& entry : value.entries)
        if (told.count(entry.key) == 0)
            parts.push_back(
                fmt::format("{} {}", entry.key, shown(find_key(object, entry.key), entry.value)));
    return parts;
}

std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return !is_continuation(byte); }));
}

class Page {
  public:
    explicit Page(std::size_t columns) : columns_(columns) {}

    void line(const std::string& text) { text_ += text + "\n"; }

    // Wrapped, later lines under the first one's text.
    void paragraph(const std::string& mark, const std::string& text) {
        std::string line = mark;
        bool empty = true;
        std::size_t begin = 0;
        while (begin < text.size()) {
            const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
            const std::string word = text.substr(begin, end - begin);
            begin = end + 1;
            if (word.empty())
                continue;
            if (!empty && width(line) + 1 + width(word) > columns_) {
                this->line(line);
                line = std::string(width(mark), ' ');
                empty = true;
            }
            line += (empty ? "" : " ") + word;
            empty = false;
        }
        this->line(line);
    }

    std::string take() { return std::move(text_); }

  private:
    std::size_t columns_;
    std::string text_;
};

std::string text_of(const Value& map, std::string_view key) {
    const Value* value = map.find(key);
    return value ? value->text : std::string();
}

std::string sentence(const std::vector<std::string>& parts) {
    std::string text = joined(parts, ", ");
    if (!text.empty() && text.back() != '.')
        text += '.';
    return text;
}

void tell_topology(const Value& document, Page& page) {
    page.line("\nThe lab");
    const Key* of_networks = find_key(scenario_object, "networks");
    if (const Value* networks = document.find("networks"))
        for (const Entry& network : networks->entries)
            page.paragraph("  ", fmt::format("Network {} is {}.", network.key,
                                             network.value.kind == Value::Kind::map
                                                 ? one(of_networks->object, network.value)
                                                 : shown(nullptr, network.value)));
    const Value* nodes = document.find("nodes");
    for (const Entry& node : nodes ? nodes->entries : std::vector<Entry>()) {
        std::vector<std::string> parts = fragments(node_object, node.value);
        if (!parts.empty())
            parts.front() = node.key + " " + parts.front();
        page.paragraph("  ", sentence(parts));
    }
}

std::string ruleset_words(const std::string& engine, const Value& ruleset) {
    if (const Value* file = ruleset.find("file"))
        return fmt::format("the {} ruleset of {}", engine, file->text);
    const auto lines = std::count(ruleset.text.begin(), ruleset.text.end(), '\n') +
                       (ruleset.text.empty() || ruleset.text.back() == '\n' ? 0 : 1);
    return fmt::format("{} ruleset of {} line{}",
                       engine == "nftables" ? "an nftables" : "an " + engine, lines,
                       lines == 1 ? "" : "s");
}

void tell_rulesets(const Value& apply, Page& page) {
    for (const Entry& node : apply.entries) {
        std::vector<std::string> rulesets;
        for (const Entry& ruleset : node.value.entries)
            rulesets.push_back(ruleset_words(ruleset.key, ruleset.value));
        page.paragraph("  - ", fmt::format("{} loads {}.", node.key, listed(rulesets)));
    }
}

// "client pings server, 3 times."
void tell_done(const Object& object, const Value& list, std::string_view subject, Page& page) {
    for (const Value& item : list.items) {
        std::vector<std::string> parts = fragments(object, item);
        const std::string who = text_of(item, subject);
        if (!parts.empty() && !who.empty())
            parts.front() = who + " " + parts.front();
        page.paragraph("  - ", sentence(parts));
    }
}

// The object that the items of a step's key are, and the key of them that says who acts.
struct Doing {
    std::string_view key;
    const Object& object;
    std::string_view subject;
};

void tell_step(const Value& step, std::size_t number, Page& page) {
    const std::string name = text_of(step, "name");
    page.line("");
    page.paragraph(fmt::format("Step {}{} ", number, name.empty() ? "" : ":"), name);
    for (const std::string& words : fragments(step_object, step))
        page.paragraph("  ", words);
    if (const Value* apply = step.find("apply"))
        tell_rulesets(*apply, page);
    const Doing doings[] = {{"capture", capture_object, "at"},
                            {"run", run_object, "on"},
                            {"send", send_object, "from"}};
    for (const Doing& doing : doings)
        if (const Value* list = step.find(doing.key))
            tell_done(doing.object, *list, doing.subject, page);
    if (const Value* expect = step.find("expect")) {
        page.line("  Expected:");
        for (const Value& expectation : expect->items)
            page.paragraph("  - ", sentence(fragments(expectation_object, expectation)));
    }
}

void collect_missing(const Object& object, std::set<std::string_view>& seen,
                     std::vector<std::string>& missing) {
    if (speaks_for_itself(object.id) || !seen.insert(object.id).second)
        return;
    for (const Key& key : object.keys) {
        if (key.shape == Shape::choice && !key.choices.empty()) {
            for (const std::string_view choice : key.choices)
                if (!words_for(object, key.name, choice))
                    missing.push_back(fmt::format("{}.{}={}", object.id, key.name, choice));
        } else if (!words_for(object, key.name, {})) {
            missing.push_back(fmt::format("{}.{}", object.id, key.name));
        }
        // What `defaults` say stands in the document by then.
        if (key.object && key.object != &defaults_object)
            collect_missing(*key.object, seen, missing);
    }
}

} // namespace

std::string prose(const WholeDocument& scenario, std::size_t columns) {
    const Value& document = scenario.document;
    Page page(columns);
    page.paragraph("",
                   fmt::format("{}: {}", text_of(document, "name"), text_of(document, "summary")));
    for (const std::string& words : fragments(scenario_object, document))
        page.paragraph("", words);
    for (const Entry& parameter : scenario.parameters)
        page.paragraph("", fmt::format("It runs once for each {} of {}; this tells of the first.",
                                       parameter.key, shown(nullptr, parameter.value)));
    tell_topology(document, page);
    std::size_t number = 0;
    if (const Value* steps = document.find("steps"))
        for (const Value& step : steps->items)
            tell_step(step, ++number, page);
    return page.take();
}

std::vector<std::string> keys_without_words() {
    std::vector<std::string> missing;
    std::set<std::string_view> seen;
    collect_missing(scenario_object, seen, missing);
    return missing;
}

} // namespace nflab::scenario
