// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/parameters.hpp"

#include "harness/scenario/source_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace nflab::scenario {

namespace {

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

class Choices {
  public:
    explicit Choices(Problems& problems) : problems_(problems) {}

    std::vector<Choice> read(const Value& with) {
        if (with.kind == Value::Kind::map && !with.entries.empty())
            return product(with);
        if (with.kind == Value::Kind::sequence && !with.items.empty())
            return rows(with);
        problems_.add(with.where, "'with' gives no parameters",
                      "write `NAME: [VALUE, …]`, or a list of mappings NAME to VALUE");
        return {};
    }

  private:
    std::vector<Choice> product(const Value& with) {
        std::vector<Choice> all(1);
        for (const auto& entry : with.entries) {
            if (!check_name(entry))
                return {};
            if (entry.value.kind != Value::Kind::sequence || entry.value.items.empty()) {
                problems_.add(entry.value.where,
                              fmt::format("parameter '{}' is not a list of values", entry.key),
                              "write the values in brackets: [80, 443]");
                return {};
            }
            if (all.size() * entry.value.items.size() > most_variants) {
                problems_.add(entry.where,
                              fmt::format("more than {} combinations of parameters", most_variants),
                              "write those that matter, as a list of mappings");
                return {};
            }
            all = times(all, entry);
        }
        return all;
    }

    static std::vector<Choice> times(const std::vector<Choice>& choices, const Entry& parameter) {
        std::vector<Choice> all;
        for (const auto& choice : choices) {
            for (const auto& value : parameter.value.items) {
                all.push_back(choice);
                all.back().values.push_back({parameter.key, parameter.where, value});
            }
        }
        return all;
    }

    std::vector<Choice> rows(const Value& with) {
        std::vector<Choice> all;
        if (with.items.size() > most_variants)
            problems_.add(with.where, fmt::format("more than {} rows of parameters", most_variants),
                          "leave some out");
        for (const auto& row : with.items) {
            if (row.kind != Value::Kind::map || row.entries.empty()) {
                problems_.add(row.where, "a row of 'with' maps parameters to values",
                              "write `{ NAME: VALUE, … }`");
                return {};
            }
            if (!std::all_of(row.entries.begin(), row.entries.end(),
                             [this](const Entry& entry) { return check_name(entry); }) ||
                !same_names(with.items.front(), row))
                return {};
            all.push_back({row.entries});
        }
        return all;
    }

    bool same_names(const Value& first, const Value& row) {
        for (const auto& entry : first.entries) {
            if (row.find(entry.key) == nullptr) {
                problems_.add(row.where,
                              fmt::format("this row of 'with' has no '{}', which the first row has",
                                          entry.key),
                              "give every row the same parameters");
                return false;
            }
        }
        for (const auto& entry : row.entries) {
            if (first.find(entry.key) == nullptr) {
                problems_.add(entry.where,
                              fmt::format("the first row of 'with' has no '{}'", entry.key),
                              "give every row the same parameters");
                return false;
            }
        }
        return true;
    }

    bool check_name(const Entry& entry) {
        if (is_name(entry.key))
            return true;
        problems_.add(entry.where, fmt::format("'{}' cannot be the name of a parameter", entry.key),
                      "write letters, digits, '-' and '_'");
        return false;
    }

    Problems& problems_;
};

/// What replaces too much could fill the memory, a few lines standing for gigabytes.
constexpr std::size_t largest_variant = 4 * largest_file;

class Substitution {
  public:
    Substitution(const Choice& choice, Problems& problems) : choice_(choice), problems_(problems) {}

    Value apply(const Value& value) {
        if (value.kind == Value::Kind::scalar)
            return scalar(value);
        Value copy = value;
        copy.items.clear();
        copy.entries.clear();
        for (const auto& item : value.items)
            copy.items.push_back(apply(item));
        for (const auto& entry : value.entries)
            add_entry(copy, {replaced(entry.key, entry.where), entry.where, apply(entry.value)});
        return copy;
    }

  private:
    void add_entry(Value& map, Entry entry) {
        if (map.find(entry.key) != nullptr)
            problems_.add(entry.where, fmt::format("key '{}' stands here a second time", entry.key),
                          "two parameters have the same value there");
        else
            map.entries.push_back(std::move(entry));
    }

    Value scalar(const Value& value) {
        for (const auto& parameter : choice_.values) {
            if (value.text != "$(" + parameter.key + ")")
                continue;
            Value copy = parameter.value;
            copy.where = value.where;
            return copy;
        }
        Value copy = value;
        copy.text = replaced(value.text, value.where);
        return copy;
    }

    std::string replaced(std::string text, Position where) {
        for (const auto& parameter : choice_.values) {
            const std::string mark = "$(" + parameter.key + ")";
            for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
                if (!may_replace(parameter, where))
                    return text;
                text.replace(at, mark.size(), parameter.value.text);
                at += parameter.value.text.size();
                bytes_ += parameter.value.text.size();
            }
        }
        return text;
    }

    bool may_replace(const Entry& parameter, Position where) {
        if (parameter.value.kind != Value::Kind::scalar) {
            problems_.add(where,
                          fmt::format("parameter '{}' is a list or a mapping, and this is a text",
                                      parameter.key),
                          fmt::format("let $({}) stand alone, or make it a text", parameter.key));
            return false;
        }
        if (bytes_ > largest_variant) {
            problems_.add(where, "the parameters' values make this scenario too large",
                          "put large texts into files");
            return false;
        }
        return true;
    }

    const Choice& choice_;
    Problems& problems_;
    std::size_t bytes_ = 0;
};

} // namespace

std::vector<std::pair<std::string, std::string>> Choice::texts() const {
    std::vector<std::pair<std::string, std::string>> texts;
    for (const auto& parameter : values)
        texts.emplace_back(parameter.key, parameter.value.kind == Value::Kind::scalar
                                              ? parameter.value.text
                                              : flow_text(parameter.value));
    return texts;
}

std::vector<Choice> take_choices(Value& document, Problems& problems) {
    const auto with = std::find_if(document.entries.begin(), document.entries.end(),
                                   [](const Entry& entry) { return entry.key == "with"; });
    if (with == document.entries.end())
        return {Choice{}};
    const Value value = std::move(with->value);
    document.entries.erase(with);
    return Choices(problems).read(value);
}

Value substitute(const Value& document, const Choice& choice, Problems& problems) {
    return choice.values.empty() ? document : Substitution(choice, problems).apply(document);
}

} // namespace nflab::scenario
