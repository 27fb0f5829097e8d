// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/document.hpp"

#include "harness/scenario/source_text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <utility>

namespace nflab::scenario {

namespace {

/// Ends the parse; the message is already among the problems.
struct Abandoned : std::exception {};

/// Builds the tree from yaml-cpp's events and not from its nodes: those share aliased parts, so
/// that a few lines can stand for billions of values, and they hide keys that stand twice.
class Builder : public YAML::EventHandler {
  public:
    Builder(std::string_view text, std::vector<Diagnostic>& problems, int file)
        : text_(text), problems_(problems), file_(file), line_starts_{0} {
        for (auto end = text.find('\n'); end != std::string_view::npos;
             end = text.find('\n', end + 1))
            line_starts_.push_back(end + 1);
    }

    std::optional<Value> take() { return std::move(root_); }
    Position start() const { return start_; }

    void OnDocumentStart(const YAML::Mark& mark) override { start_ = position(mark); }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        leaf(mark, anchor, Value{});
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        Value scalar;
        scalar.kind = Value::Kind::scalar;
        scalar.text = value;
        scalar.plain = tag != "!"; // yaml-cpp's tag of every quoted or block scalar
        const char first = byte_at(mark);
        scalar.block = !scalar.plain && (first == '|' || first == '>');
        if (scalar.plain && (value == "~" || value == "null"))
            scalar.kind = Value::Kind::null;
        leaf(mark, anchor, std::move(scalar));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto anchored = anchored_.find(anchor);
        if (anchored == anchored_.end())
            abandon(position(mark), "an alias stands inside of what it is an alias for",
                    "an alias can only name something complete");
        // The copy is counted value by value before it is made: that is what stops a bomb.
        check_budget(position(mark), anchored->second.values,
                     open_.size() + anchored->second.depth);
        values_ += anchored->second.values;
        Value copy = anchored->second.value;
        place(std::move(copy), position(mark));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        start(mark, anchor, Value::Kind::sequence);
    }
    void OnSequenceEnd() override { end(); }

    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        start(mark, anchor, Value::Kind::map);
    }
    void OnMapEnd() override { end(); }

  private:
    struct Open {
        Value value;
        YAML::anchor_t anchor = 0;
        std::size_t values_before = 0;
        std::size_t depth = 1; ///< of what it holds, itself included
        bool has_key = false;
        bool drop_value = false;
        std::string key;
        Position key_where;
        std::set<std::string> keys;
    };
    struct Anchored {
        Value value;
        std::size_t values = 1;
        std::size_t depth = 1;
    };

    Position position(const YAML::Mark& mark) const {
        return {mark.line + 1, mark.column + 1, file_};
    }

    char byte_at(const YAML::Mark& mark) const {
        const auto line = static_cast<std::size_t>(mark.line);
        if (line >= line_starts_.size())
            return '\0';
        const auto offset = line_starts_[line] + static_cast<std::size_t>(mark.column);
        return offset < text_.size() ? text_[offset] : '\0';
    }

    void complain(Position where, std::string message, std::string hint) {
        problems_.push_back({{}, where, std::move(message), std::move(hint)});
    }

    [[noreturn]] void abandon(Position where, std::string message, std::string hint) {
        complain(where, std::move(message), std::move(hint));
        throw Abandoned();
    }

    void check_budget(Position where, std::size_t more, std::size_t depth) {
        if (values_ + more > most_values)
            abandon(
                where,
                fmt::format("more than {} values, each alias counted with all that it stands for",
                            most_values),
                "a scenario has far fewer: write it without aliases of aliases");
        if (depth > deepest_nesting)
            abandon(where, fmt::format("nested more than {} levels deep", deepest_nesting),
                    "no part of a scenario is that deep");
    }

    void leaf(const YAML::Mark& mark, YAML::anchor_t anchor, Value value) {
        value.where = position(mark);
        check_budget(value.where, 1, open_.size() + 1);
        ++values_;
        if (anchor != 0)
            anchored_[anchor] = {value, 1, 1};
        const Position where = value.where;
        place(std::move(value), where);
    }

    void start(const YAML::Mark& mark, YAML::anchor_t anchor, Value::Kind kind) {
        Open open;
        open.value.kind = kind;
        open.value.where = position(mark);
        open.anchor = anchor;
        open.values_before = values_;
        check_budget(open.value.where, 1, open_.size() + 1);
        ++values_;
        open_.push_back(std::move(open));
    }

    void end() {
        Open done = std::move(open_.back());
        open_.pop_back();
        if (done.anchor != 0)
            anchored_[done.anchor] = {done.value, values_ - done.values_before, done.depth};
        if (!open_.empty())
            open_.back().depth = std::max(open_.back().depth, done.depth + 1);
        const Position where = done.value.where;
        place(std::move(done.value), where);
    }

    void place(Value value, Position where) {
        if (open_.empty()) {
            root_ = std::move(value);
            return;
        }
        Open& parent = open_.back();
        if (parent.value.kind == Value::Kind::sequence) {
            parent.value.items.push_back(std::move(value));
        } else if (!parent.has_key) {
            take_key(parent, value, where);
        } else {
            parent.has_key = false;
            // yaml-cpp places a missing value at whatever follows it.
            if (value.kind == Value::Kind::null)
                value.where = parent.key_where;
            if (!parent.drop_value)
                parent.value.entries.push_back(
                    {std::move(parent.key), parent.key_where, std::move(value)});
        }
    }

    void take_key(Open& parent, const Value& key, Position where) {
        parent.has_key = true;
        parent.drop_value = false;
        parent.key = key.text;
        parent.key_where = where;
        if (key.kind != Value::Kind::scalar) {
            parent.drop_value = true;
            complain(where, "a key must be a word", "write it as `key: value`");
        } else if (!parent.keys.insert(key.text).second) {
            parent.drop_value = true;
            complain(where, fmt::format("key '{}' stands here a second time", key.text),
                     "keep one of the two");
        }
    }

    std::string_view text_;
    std::vector<Diagnostic>& problems_;
    int file_;
    std::vector<std::size_t> line_starts_; ///< offsets; searching for each would be quadratic
    Position start_;
    std::optional<Value> root_;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, Anchored> anchored_;
    std::size_t values_ = 0;
};

Position place_of(const YAML::Exception& error, int file) {
    if (error.mark.is_null())
        return {1, 1, file};
    return {error.mark.line + 1, error.mark.column + 1, file};
}

/// What people most often do wrong where the parser only sees that something is.
std::string yaml_hint(std::string_view line) {
    const std::string_view indent = line.substr(0, line.find_first_not_of(" \t"));
    if (indent.find('\t') != std::string_view::npos)
        return "indent with blanks: YAML takes no tabs there";
    if (line.find(": >") != std::string_view::npos || line.find(": !") != std::string_view::npos)
        return "put a text that starts with '>' or '!' into quotes";
    return "check the indentation, the brackets and the quotes around here";
}

/// Where a second document starts, when there is one.
std::optional<Position> another_document(YAML::Parser& parser, std::string_view text, int file) {
    std::vector<Diagnostic> unused;
    Builder second(text, unused, file);
    if (!parser.HandleNextDocument(second))
        return std::nullopt;
    return second.start();
}

} // namespace

const Value* Value::find(std::string_view key) const {
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const Entry& entry) { return entry.key == key; });
    return found == entries.end() ? nullptr : &found->value;
}

std::optional<Value> parse_document(std::string_view text, std::vector<Diagnostic>& problems,
                                    int file) {
    Builder builder(text, problems, file);
    try {
        std::istringstream in{std::string(text)};
        YAML::Parser parser(in);
        if (!parser.HandleNextDocument(builder)) {
            problems.push_back(
                {{}, {1, 1, file}, "the file is empty", "a scenario starts with `name:`"});
            return std::nullopt;
        }
        if (const auto second = another_document(parser, text, file))
            problems.push_back({{},
                                *second,
                                "the file holds more than one YAML document",
                                "one file is one scenario: split it at the `---`"});
        return builder.take();
    } catch (const Abandoned&) {
        return std::nullopt;
    } catch (const YAML::Exception& error) {
        const Position where = place_of(error, file);
        problems.push_back(
            {{}, where, "this is not YAML: " + error.msg, yaml_hint(line_of(text, where.line))});
        return std::nullopt;
    }
}

std::string flow_text(const Value& value) {
    std::string out;
    switch (value.kind) {
    case Value::Kind::null:
        return "null";
    case Value::Kind::scalar:
        return value.plain ? value.text : '"' + value.text + '"';
    case Value::Kind::sequence:
        for (const auto& item : value.items)
            out += (out.empty() ? "" : ", ") + flow_text(item);
        return '[' + out + ']';
    case Value::Kind::map:
        for (const auto& entry : value.entries)
            out += (out.empty() ? "" : ", ") + entry.key + ": " + flow_text(entry.value);
        return "{ " + out + " }";
    }
    return out;
}

} // namespace nflab::scenario
