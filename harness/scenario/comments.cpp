// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/comments.hpp"

#include "harness/scenario/source_text.hpp"

#include <algorithm>

namespace nflab::scenario {

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t last = text.find_last_not_of(" \t");
    return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

bool is_blank(std::string_view line) {
    return trimmed(line).empty();
}

std::size_t indent_of(std::string_view line) {
    return std::min(line.find_first_not_of(' '), line.size());
}

const std::vector<Comment> none;

} // namespace

BlockLines block_lines(std::string_view text, Position where) {
    BlockLines block;
    const std::string_view header = line_of(text, where.line);
    const std::string_view rest =
        header.substr(std::min(static_cast<std::size_t>(where.column) - 1, header.size()));
    block.header = rest.substr(0, std::min(rest.find_first_of(" \t"), rest.size()));
    block.first_line = where.line + 1;
    const auto total = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
    for (int number = block.first_line; number <= total; ++number) {
        const std::string_view line = line_of(text, number);
        if (!is_blank(line)) {
            if (block.indent == 0 && indent_of(line) > indent_of(header))
                block.indent = indent_of(line);
            if (block.indent == 0 || indent_of(line) < block.indent)
                break;
        }
        block.lines.push_back(line);
    }
    // Blank lines at its end are no part of it, unless it says so.
    if (block.header.find('+') == std::string::npos)
        while (!block.lines.empty() && is_blank(block.lines.back()))
            block.lines.pop_back();
    return block;
}

Comments::Comments(std::string_view text, const Value& document)
    : text_(text), kinds_(text.size(), Kind::structure) {
    lines_.push_back(0);
    for (std::size_t at = 0; at < text.size(); ++at)
        if (text[at] == '\n')
            lines_.push_back(at + 1);
    cover_values(document);
    find_comments();
    add_places(document);
    std::stable_sort(places_.begin(), places_.end(), [](const Place& one, const Place& other) {
        return std::pair(one.where.line, one.where.column) <
               std::pair(other.where.line, other.where.column);
    });
    attach();
}

std::size_t Comments::offset(Position where) const {
    return std::min(lines_.at(static_cast<std::size_t>(where.line) - 1) +
                        static_cast<std::size_t>(where.column) - 1,
                    text_.size());
}

void Comments::cover(std::size_t begin, std::size_t end, Kind kind) {
    for (std::size_t at = begin; at < std::min(end, kinds_.size()); ++at)
        kinds_[at] = kind;
}

void Comments::cover_scalar(const Value& value) {
    const std::size_t begin = offset(value.where);
    if (value.block) {
        const BlockLines block = block_lines(text_, value.where);
        cover(begin, begin + block.header.size(), Kind::scalar);
        if (!block.lines.empty()) {
            const std::string_view last = block.lines.back();
            cover(lines_.at(static_cast<std::size_t>(block.first_line) - 1),
                  static_cast<std::size_t>(last.data() - text_.data()) + last.size(), Kind::scalar);
        }
        return;
    }
    if (begin >= text_.size())
        return;
    const char quote = text_[begin];
    if (value.plain || (quote != '"' && quote != '\'')) {
        cover(begin, begin + value.text.size(), Kind::scalar);
        return;
    }
    std::size_t end = begin + 1;
    for (; end < text_.size(); ++end) {
        if (quote == '"' && text_[end] == '\\')
            ++end;
        else if (text_[end] == quote &&
                 !(quote == '\'' && end + 1 < text_.size() && text_[end + 1] == '\'' && ++end))
            break;
    }
    cover(begin, end + 1, Kind::scalar);
}

void Comments::cover_values(const Value& value) {
    if (value.kind == Value::Kind::scalar)
        cover_scalar(value);
    for (const Value& item : value.items)
        cover_values(item);
    for (const Entry& entry : value.entries) {
        Value key;
        key.kind = Value::Kind::scalar;
        key.where = entry.where;
        key.text = entry.key;
        const std::size_t begin = offset(entry.where);
        key.plain = begin >= text_.size() || (text_[begin] != '"' && text_[begin] != '\'');
        cover_scalar(key);
        cover_values(entry.value);
    }
}

void Comments::find_comments() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
        if (kinds_[at] != Kind::structure)
            continue;
        const bool begins =
            at == 0 || text_[at - 1] == '\n' || text_[at - 1] == ' ' || text_[at - 1] == '\t';
        if ((text_[at] == '&' || text_[at] == '*' || text_[at] == '!') && !mark_)
            mark_ = position_of(text_, at);
        if (text_[at] != '#' || !begins)
            continue;
        const std::size_t end = std::min(text_.find('\n', at), text_.size());
        Comment comment;
        comment.where = position_of(text_, at);
        comment.text = trimmed(text_.substr(at, end - at));
        comment.own_line =
            is_blank(line_of(text_, comment.where.line)
                         .substr(0, static_cast<std::size_t>(comment.where.column) - 1));
        comment.blank_before = blank_before(comment.where);
        comments_.push_back(std::move(comment));
        cover(at, end, Kind::comment);
    }
}

void Comments::add_places(const Value& value) {
    for (const Value& item : value.items) {
        places_.push_back({true, item.where});
        add_places(item);
    }
    for (const Entry& entry : value.entries) {
        places_.push_back({false, entry.where});
        add_places(entry.value);
    }
}

void Comments::attach() {
    for (const Comment& comment : comments_) {
        const auto next = std::find_if(places_.begin(), places_.end(), [&](const Place& place) {
            return place.where.line >= comment.where.line;
        });
        if (comment.own_line) {
            if (next == places_.end())
                rest_.push_back(comment);
            else
                before_[index(*next)].push_back(comment);
        } else if (next != places_.end() && next->where.line == comment.where.line) {
            behind_[index(*next)].push_back(comment);
        } else if (next != places_.begin()) {
            behind_[index(*std::prev(next))].push_back(comment);
        } else {
            rest_.push_back(comment);
        }
    }
}

const std::vector<Comment>& Comments::before(Place place) const {
    const auto found = before_.find(index(place));
    return found == before_.end() ? none : found->second;
}

const std::vector<Comment>& Comments::behind(Place place) const {
    const auto found = behind_.find(index(place));
    return found == behind_.end() ? none : found->second;
}

bool Comments::within(const Value& flow) const {
    int depth = 0;
    for (std::size_t at = offset(flow.where); at < text_.size(); ++at) {
        if (kinds_[at] == Kind::comment)
            return true;
        if (kinds_[at] != Kind::structure)
            continue;
        if (text_[at] == '{' || text_[at] == '[')
            ++depth;
        else if ((text_[at] == '}' || text_[at] == ']') && --depth == 0)
            return false;
    }
    return false;
}

bool Comments::blank_before(Position where) const {
    return where.line > 1 && is_blank(line_of(text_, where.line - 1));
}

} // namespace nflab::scenario
