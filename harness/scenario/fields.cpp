// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/fields.hpp"

#include "harness/scenario/suggest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace nflab::scenario {

namespace {

using Kind = Value::Kind;

std::string describe(const Value& value) {
    switch (value.kind) {
    case Kind::null:
        return "empty";
    case Kind::scalar:
        return value.plain ? '\'' + value.text + '\'' : "the text \"" + value.text + '"';
    case Kind::sequence:
        return "a list";
    case Kind::map:
        return "a mapping";
    }
    return {};
}

/// Checks one value against one line of a key table.
class ShapeCheck {
  public:
    ShapeCheck(const Key& key, Problems& problems)
        : key_(key), name_(key.name), problems_(problems) {}

    bool operator()(const Value& value) const {
        switch (key_.shape) {
        case Shape::text:
            return text(value);
        case Shape::integer:
            return integer(value);
        case Shape::boolean:
            return boolean(value);
        case Shape::duration:
            return duration(value);
        case Shape::choice:
            return choice(value);
        case Shape::texts:
            return texts(value);
        case Shape::text_map:
            return map_of(
                value, [](const ShapeCheck& check, const Value& item) { return check.text(item); });
        case Shape::texts_map:
            return map_of(value, [](const ShapeCheck& check, const Value& item) {
                return check.texts(item);
            });
        case Shape::object:
            return has_kind(value, Kind::map, "a mapping of keys to values");
        case Shape::object_map:
            return filled(value, has_kind(value, Kind::map, "a mapping of names"));
        case Shape::object_list:
            return filled(value, has_kind(value, Kind::sequence, "a list: each item after a `-`"));
        case Shape::ruleset:
        case Shape::rule:
            return value.kind == Kind::map || text(value);
        case Shape::trace:
            return value.kind == Kind::map || choice(value);
        case Shape::integer_or_choice:
            return is_word(value) || integer(value);
        case Shape::ports:
            return value.kind == Kind::map ? filled(value, true) : texts(value);
        case Shape::reply:
            return (value.kind == Kind::scalar && value.text == "none") || integer(value);
        case Shape::parameters:
            return true; // taken out of the document before, and checked there
        case Shape::range:
            return range(value);
        case Shape::wait:
            return value.kind == Kind::map || duration(value);
        case Shape::repeat:
            return value.kind == Kind::map || integer(value);
        }
        return false;
    }

  private:
    bool wrong(const Value& value, const std::string& wanted) const {
        problems_.add(value.where, fmt::format("'{}' is {}", name_, describe(value)),
                      "it must be " + wanted);
        return false;
    }

    bool has_kind(const Value& value, Kind kind, const std::string& wanted) const {
        return value.kind == kind || wrong(value, wanted);
    }

    bool filled(const Value& value, bool good) const {
        if (!good || !value.items.empty() || !value.entries.empty())
            return good;
        problems_.add(value.where, fmt::format("'{}' is empty", name_), "fill it or leave it out");
        return false;
    }

    bool text(const Value& value) const {
        if (value.kind != Kind::scalar)
            return wrong(value, "a text");
        if (value.text.find_first_not_of(" \t\n") == std::string::npos) {
            problems_.add(value.where, fmt::format("'{}' is an empty text", name_),
                          "fill it or leave it out");
            return false;
        }
        if (value.text.find('\0') != std::string::npos) {
            problems_.add(value.where, fmt::format("'{}' holds a NUL character", name_),
                          "no program takes one: leave it out");
            return false;
        }
        return true;
    }

    bool is_word(const Value& value) const {
        return value.kind == Kind::scalar && std::find(key_.choices.begin(), key_.choices.end(),
                                                       value.text) != key_.choices.end();
    }

    bool integer(const Value& value) const {
        const std::string range =
            fmt::format("a whole number from {} to {}", key_.minimum, key_.maximum);
        std::string wanted = key_.shape == Shape::reply ? "`none` or " + range : range;
        if (key_.shape == Shape::integer_or_choice)
            wanted = fmt::format("`{}` or {}", fmt::join(key_.choices, "`, `"), range);
        const auto number = value.kind == Kind::scalar && value.plain ? parse_integer(value.text)
                                                                      : std::optional<long>();
        if (!number || *number < key_.minimum || *number > key_.maximum)
            return wrong(value, wanted);
        return true;
    }

    bool boolean(const Value& value) const {
        if (value.kind == Kind::scalar && value.plain &&
            (value.text == "true" || value.text == "false"))
            return true;
        return wrong(value, "true or false");
    }

    bool duration(const Value& value) const {
        if (value.kind == Kind::scalar && parse_duration(value.text))
            return true;
        return wrong(value, "a time with its unit, from 1ms to 60m, such as 500ms or 2s");
    }

    bool range(const Value& value) const {
        if (value.kind == Kind::scalar && Range::parse(value.text))
            return true;
        return wrong(value, "a number, or such as \">=3\", \"<10\" or 3-5");
    }

    bool choice(const Value& value) const {
        const std::vector<std::string> words(key_.choices.begin(), key_.choices.end());
        if (value.kind == Kind::scalar &&
            std::find(words.begin(), words.end(), value.text) != words.end())
            return true;
        if (value.kind != Kind::scalar)
            return wrong(value, "a word; " + suggest({}, words));
        problems_.add(value.where, fmt::format("unknown {} '{}'", key_.name, value.text),
                      suggest(value.text, words));
        return false;
    }

    bool texts(const Value& value) const {
        if (value.kind != Kind::sequence)
            return text(value);
        return filled(value, true) && std::all_of(value.items.begin(), value.items.end(),
                                                  [this](const Value& item) { return text(item); });
    }

    /// Keeps the map when single items are wrong: the others can still be checked.
    bool map_of(const Value& value, bool (*good)(const ShapeCheck&, const Value&)) const {
        if (!filled(value, has_kind(value, Kind::map, "a mapping of names to values")))
            return false;
        for (const auto& entry : value.entries) {
            ShapeCheck check(*this);
            check.name_ = entry.key;
            good(check, entry.value);
        }
        return true;
    }

    const Key& key_;
    std::string name_; ///< of what is being checked: the key, or one of the names that it maps
    Problems& problems_;
};

} // namespace

std::vector<Text> texts_of(const Value& value) {
    std::vector<Text> texts;
    if (value.kind == Kind::scalar)
        texts.push_back({value.text, value.where});
    for (const auto& item : value.items) {
        if (item.kind == Kind::scalar)
            texts.push_back({item.text, item.where});
    }
    return texts;
}

std::optional<long> parse_integer(std::string_view text) {
    long number = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
    if (error != std::errc{} || end != text.end())
        return std::nullopt;
    return number;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    constexpr long hour = 3'600'000;
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_integer(text.substr(0, digits));
    const std::string_view unit = text.substr(digits);
    const long factor = unit == "ms" ? 1 : unit == "s" ? 1'000 : unit == "m" ? 60'000 : 0;
    if (!number || *number < 1 || factor == 0 || *number > hour / factor)
        return std::nullopt;
    return std::chrono::milliseconds(*number * factor);
}

Fields::Fields(const Value& value, const Object& object, Problems& problems) : value_(&value) {
    if (value.kind != Kind::map) {
        problems.add(value.where, fmt::format("{} is {} here", object.name, describe(value)),
                     "it must be a mapping of keys to values");
        return;
    }
    for (const auto& entry : value.entries) {
        const auto key = std::find_if(object.keys.begin(), object.keys.end(),
                                      [&](const Key& known) { return known.name == entry.key; });
        if (key == object.keys.end()) {
            has_unknown_ = true;
            problems.add(entry.where, fmt::format("unknown key '{}' in {}", entry.key, object.name),
                         suggest(entry.key, key_names(object)));
        } else if (ShapeCheck(*key, problems)(entry.value)) {
            good_.push_back(&entry);
        }
    }
    for (const auto& key : object.keys) {
        if (key.required && !has(key.name))
            problems.add(value.where, fmt::format("{} has no '{}'", object.name, key.name),
                         fmt::format("add `{}:`", key.name));
    }
}

const Value* Fields::get(std::string_view name) const {
    const auto found = std::find_if(good_.begin(), good_.end(),
                                    [&](const Entry* entry) { return entry->key == name; });
    return found == good_.end() ? nullptr : &(*found)->value;
}

Position Fields::where(std::string_view name) const {
    const Value* value = value_->find(name);
    return value != nullptr ? value->where : value_->where;
}

std::string Fields::text(std::string_view name) const {
    const Value* value = get(name);
    return value != nullptr ? value->text : std::string();
}

std::optional<int> Fields::integer(std::string_view name) const {
    const Value* value = get(name);
    const auto number = value != nullptr ? parse_integer(value->text) : std::nullopt;
    return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

bool Fields::flag(std::string_view name) const {
    return text(name) == "true";
}

std::optional<std::chrono::milliseconds> Fields::duration(std::string_view name) const {
    const Value* value = get(name);
    return value != nullptr ? parse_duration(value->text) : std::nullopt;
}

std::optional<Range> Fields::range(std::string_view name) const {
    const Value* value = get(name);
    return value != nullptr ? Range::parse(value->text) : std::nullopt;
}

std::vector<Text> Fields::texts(std::string_view name) const {
    const Value* value = get(name);
    return value != nullptr ? texts_of(*value) : std::vector<Text>();
}

const std::vector<Entry>& Fields::entries(std::string_view name) const {
    static const std::vector<Entry> none;
    const Value* value = get(name);
    return value != nullptr ? value->entries : none;
}

const std::vector<Value>& Fields::items(std::string_view name) const {
    static const std::vector<Value> none;
    const Value* value = get(name);
    return value != nullptr ? value->items : none;
}

} // namespace nflab::scenario
