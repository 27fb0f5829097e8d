// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/format.hpp"

#include "harness/scenario/comments.hpp"
#include "harness/scenario/document.hpp"
#include "harness/scenario/keys.hpp"
#include "harness/scenario/source_text.hpp"

#include <algorithm>
#include <utility>

namespace nflab::scenario {

namespace {

constexpr std::size_t columns = 100;
constexpr std::size_t step = 2;

// What stops the formatting of a file.
struct Left {
    Position where;
    std::string message;
    std::string hint;
};

std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return !is_continuation(byte); }));
}

std::string without_carriage_returns(std::string_view text) {
    std::string clean(text);
    clean.erase(std::remove(clean.begin(), clean.end(), '\r'), clean.end());
    return clean;
}

class Formatter {
  public:
    Formatter(std::string_view text, Value document)
        : text_(text), document_(std::move(document)), comments_(text, document_) {}

    std::string all() {
        order_keys();
        emit_entries(document_, 0, 0);
        for (const Comment& comment : comments_.rest())
            comment_line(comment, 0);
        return std::move(out_);
    }

  private:
    // As the table of keys has them; the reader takes any order.
    void order_keys() {
        const auto place = [](const Entry& entry) {
            const auto& keys = scenario_object.keys;
            return std::find_if(keys.begin(), keys.end(),
                                [&](const Key& key) { return key.name == entry.key; }) -
                   keys.begin();
        };
        std::stable_sort(
            document_.entries.begin(), document_.entries.end(),
            [&](const Entry& one, const Entry& other) { return place(one) < place(other); });
    }

    bool is_flow(const Value& value) const {
        const std::string_view line = line_of(text_, value.where.line);
        const auto column = static_cast<std::size_t>(value.where.column) - 1;
        return column < line.size() && (line[column] == '{' || line[column] == '[');
    }

    static bool is_empty(const Value& value) {
        return value.items.empty() && value.entries.empty();
    }

    static bool is_collection(const Value& value) {
        return value.kind == Value::Kind::map || value.kind == Value::Kind::sequence;
    }

    // As it is written, since quotes may matter to people.
    std::string scalar(const Value& value) const {
        if (value.kind == Value::Kind::null)
            return raw_null(value);
        const std::string_view line = line_of(text_, value.where.line);
        const auto begin = static_cast<std::size_t>(value.where.column) - 1;
        if (value.plain) {
            if (line.compare(std::min(begin, line.size()), value.text.size(), value.text) != 0)
                throw Left{value.where, "this text goes on in the next line",
                           "put it into one line, or behind a '|'"};
            return value.text;
        }
        const char quote = begin < line.size() ? line[begin] : '\0';
        for (std::size_t at = begin + 1; quote != '\0' && at < line.size(); ++at) {
            if (quote == '"' && line[at] == '\\') {
                ++at;
            } else if (line[at] == quote) {
                if (quote == '\'' && at + 1 < line.size() && line[at + 1] == quote)
                    ++at;
                else
                    return std::string(line.substr(begin, at - begin + 1));
            }
        }
        throw Left{value.where, "this text goes on in the next line",
                   "put it into one line, or behind a '|'"};
    }

    std::string raw_null(const Value& value) const {
        const std::string_view line = line_of(text_, value.where.line);
        for (const std::string_view word : {"null", "~", "Null", "NULL"})
            if (line.compare(
                    std::min(static_cast<std::size_t>(value.where.column) - 1, line.size()),
                    word.size(), word) == 0)
                return std::string(word);
        return {};
    }

    std::string key_text(const Entry& entry) const {
        Value as_value;
        as_value.kind = Value::Kind::scalar;
        as_value.where = entry.where;
        as_value.text = entry.key;
        const std::string_view line = line_of(text_, entry.where.line);
        const auto begin = static_cast<std::size_t>(entry.where.column) - 1;
        as_value.plain = begin >= line.size() || (line[begin] != '"' && line[begin] != '\'');
        return scalar(as_value);
    }

    std::string flow(const Value& value) const {
        std::string parts;
        if (value.kind == Value::Kind::sequence) {
            for (const Value& item : value.items)
                parts += (parts.empty() ? "" : ", ") + flow(item);
            return '[' + parts + ']';
        }
        if (value.kind != Value::Kind::map)
            return scalar(value);
        for (const Entry& entry : value.entries) {
            const std::string content = flow(entry.value);
            parts += (parts.empty() ? "" : ", ") + key_text(entry) +
                     (content.empty() ? ":" : ": " + content);
        }
        return parts.empty() ? "{}" : "{ " + parts + " }";
    }

    // Whether it stays in braces or brackets when that much of the line is taken.
    bool stays_flow(const Value& value, std::size_t taken) const {
        return is_empty(value) || (is_flow(value) && !comments_.within(value) &&
                                   taken + width(flow(value)) <= columns);
    }

    void comment_line(const Comment& comment, std::size_t indent) {
        if (comment.blank_before && !out_.empty())
            out_ += '\n';
        out_ += std::string(indent, ' ') + comment.text + '\n';
    }

    void before(Comments::Place place, std::size_t indent) {
        for (const Comment& comment : comments_.before(place))
            comment_line(comment, indent);
        if (comments_.blank_before(place.where) && !out_.empty())
            out_ += '\n';
    }

    std::string behind(Comments::Place place) const {
        std::string text;
        for (const Comment& comment : comments_.behind(place))
            text += " " + comment.text;
        return text;
    }

    void emit_entry(const Entry& entry, std::size_t indent, const std::string& remark = {}) {
        const std::string key = key_text(entry) + ":";
        out_ += key;
        emit_value(entry.value, indent, indent + width(key) + 1,
                   behind({false, entry.where}) + remark);
    }

    void emit_entries(const Value& map, std::size_t first, std::size_t indent) {
        for (std::size_t i = first; i < map.entries.size(); ++i) {
            before({false, map.entries[i].where}, indent);
            out_ += std::string(indent, ' ');
            emit_entry(map.entries[i], indent);
        }
    }

    void emit_sequence(const Value& sequence, std::size_t indent) {
        for (const Value& item : sequence.items) {
            const Comments::Place place{true, item.where};
            before(place, indent);
            out_ += std::string(indent, ' ') + "-";
            if (item.kind == Value::Kind::map && !stays_flow(item, indent + step)) {
                // The first key follows the dash.
                out_ += ' ';
                emit_entry(item.entries.front(), indent + step, behind(place));
                emit_entries(item, 1, indent + step);
            } else {
                emit_value(item, indent, indent + step, behind(place));
            }
        }
    }

    // Behind a key or a dash, with its line's end.
    void emit_value(const Value& value, std::size_t indent, std::size_t taken,
                    const std::string& remark) {
        if (value.block) {
            emit_block(value, indent + step, remark);
        } else if (!is_collection(value) || stays_flow(value, taken)) {
            const std::string content = is_collection(value) ? flow(value) : scalar(value);
            out_ += (content.empty() ? "" : " " + content) + remark + '\n';
        } else {
            out_ += remark + '\n';
            if (value.kind == Value::Kind::map)
                emit_entries(value, 0, indent + step);
            else
                emit_sequence(value, indent + step);
        }
    }

    void emit_block(const Value& value, std::size_t indent, const std::string& remark) {
        const BlockLines block = block_lines(text_, value.where);
        if (block.header.find_first_of("123456789") != std::string::npos)
            throw Left{value.where, "a block scalar that says its own indentation",
                       "let its first line say it"};
        out_ += " " + block.header + remark + '\n';
        for (const std::string_view line : block.lines)
            out_ += line.size() <= block.indent
                        ? "\n"
                        : std::string(indent, ' ') + std::string(line.substr(block.indent)) + '\n';
    }

    std::string_view text_;
    Value document_;
    Comments comments_;
    std::string out_;
};

bool same(const Value& one, const Value& other) {
    if (one.kind != other.kind || one.text != other.text || one.plain != other.plain ||
        one.items.size() != other.items.size() || one.entries.size() != other.entries.size())
        return false;
    for (std::size_t i = 0; i < one.items.size(); ++i)
        if (!same(one.items[i], other.items[i]))
            return false;
    for (const Entry& entry : one.entries) {
        const Value* match = other.find(entry.key);
        if (!match || !same(entry.value, *match))
            return false;
    }
    return true;
}

} // namespace

Formatted format(std::string_view text) {
    const std::string clean = without_carriage_returns(text);
    Formatted result;
    const auto document = parse_document(clean, result.problems);
    if (!document || !result.problems.empty())
        return result;
    if (document->kind != Value::Kind::map) {
        result.problems.push_back(
            {{}, document->where, "this is no scenario", "a scenario starts with `name:`"});
        return result;
    }
    if (const auto mark = Comments(clean, *document).mark()) {
        result.problems.push_back({{},
                                   *mark,
                                   "anchors, aliases and tags are not rearranged",
                                   "lay this file out by hand"});
        return result;
    }
    try {
        std::string formatted = Formatter(clean, *document).all();
        std::vector<Diagnostic> problems;
        const auto again = parse_document(formatted, problems);
        if (!again || !problems.empty() || !same(*document, *again))
            result.problems.push_back({{},
                                       {1, 1},
                                       "the layout of this file is beyond nflab fmt",
                                       "please report it, with the file"});
        else
            result.text = std::move(formatted);
    } catch (const Left& left) {
        result.problems.push_back({{}, left.where, left.message, left.hint});
    }
    return result;
}

} // namespace nflab::scenario
