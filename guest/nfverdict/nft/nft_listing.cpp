// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/nft_listing.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace nflab::nfverdict {
namespace {

constexpr std::string_view handle_mark = "# handle ";

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The number of a "# handle N" that ends the line; cuts it off. A comment may hold such words, too,
// but never at the very end, where its closing quote stands.
std::optional<std::uint64_t> take_handle(std::string_view& line) {
    const auto mark = line.rfind(handle_mark);
    if (mark == std::string_view::npos)
        return {};
    const std::string_view digits = line.substr(mark + handle_mark.size());
    std::uint64_t handle = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), handle);
    if (error != std::errc{} || end != digits.data() + digits.size())
        return {};
    line = trim(line.substr(0, mark));
    return handle;
}

std::string_view next_word(std::string_view& line) {
    line = trim(line);
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end);
    return word;
}

// Calls `visit(word, rest)` for every word outside of strings, until it returns true.
template <typename Visit>
bool any_word(std::string_view text, const Visit& visit) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (text[at] == '"') {
            const auto close = text.find('"', at + 1);
            at = close == std::string_view::npos ? text.size() : close + 1;
            continue;
        }
        const auto end = std::min(text.find_first_of(" \t\",:{}", at), text.size());
        if (end == at) {
            ++at;
            continue;
        }
        if (visit(text.substr(at, end - at), text.substr(end)))
            return true;
        at = end;
    }
    return false;
}

std::string comment_of(std::string_view rule) {
    std::string comment;
    any_word(rule, [&](std::string_view word, std::string_view rest) {
        if (word != "comment" || !rest.starts_with(" \""))
            return false;
        rest.remove_prefix(2);
        comment = rest.substr(0, rest.find('"'));
        return true;
    });
    return comment;
}

// Takes what stands between braces apart at its commas.
std::vector<std::string> split_elements(std::string_view text) {
    std::vector<std::string> elements;
    bool quoted = false;
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        if (at < text.size() && text[at] == '"')
            quoted = !quoted;
        if (at < text.size() && (text[at] != ',' || quoted))
            continue;
        if (const auto element = trim(text.substr(begin, at - begin)); !element.empty())
            elements.emplace_back(element);
        begin = at + 1;
    }
    return elements;
}

// What stands between the brace that the text begins with and its closing one.
std::optional<std::string_view> braced(std::string_view text) {
    bool quoted = false;
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (text[at] == '"')
            quoted = !quoted;
        else if (text[at] == '}' && !quoted)
            return text.substr(1, at - 1);
    }
    return {};
}

class Parser {
  public:
    void take(std::string_view line) {
        switch (block_) {
        case Block::none:
            return outside(line);
        case Block::table:
            return in_table(line);
        case Block::chain:
            return in_chain(line);
        case Block::map:
            return in_map(line);
        case Block::other:
            if (line == "\t}")
                block_ = Block::table;
        }
    }

    NftListing listing;

  private:
    enum class Block { none, table, chain, map, other };

    void outside(std::string_view line) {
        std::string_view rest = line;
        const auto handle = take_handle(rest);
        if (next_word(rest) != "table")
            return;
        NftTable& table = listing.tables.emplace_back();
        table.family = next_word(rest);
        table.name = next_word(rest);
        table.handle = handle.value_or(0);
        block_ = Block::table;
    }

    void in_table(std::string_view line) {
        if (line == "}") {
            block_ = Block::none;
            return;
        }
        std::string_view rest = line;
        const auto handle = take_handle(rest);
        if (!rest.ends_with("{"))
            return;
        block_ = Block::other;
        const std::string_view kind = next_word(rest);
        pending_.clear();
        if (kind == "map") {
            map_ = next_word(rest);
            block_ = Block::map;
            return;
        }
        if (kind != "chain")
            return;
        NftChain& chain = listing.tables.back().chains.emplace_back();
        chain.name = next_word(rest);
        chain.handle = handle.value_or(0);
        block_ = Block::chain;
    }

    void in_map(std::string_view line) {
        if (line != "\t}") {
            pending_.append(trim(line)).append(" ");
            return;
        }
        block_ = Block::table;
        constexpr std::string_view start = "elements = {";
        const std::string_view body = pending_;
        const auto at = body.find(start);
        if (at == std::string_view::npos)
            return;
        if (const auto inside = braced(body.substr(at + start.size() - 1)))
            listing.tables.back().verdict_maps[map_] = split_elements(*inside);
    }

    void in_chain(std::string_view line) {
        if (line == "\t}") {
            block_ = Block::table;
            return;
        }
        NftChain& chain = listing.tables.back().chains.back();
        std::string_view rest = trim(line);
        const auto handle = take_handle(rest);
        if (!handle) {
            if (pending_.empty() && rest.starts_with("type ") &&
                rest.find(" hook ") != std::string_view::npos)
                chain.base = true;
            else if (!(pending_.empty() && rest.starts_with("comment ")))
                pending_.append(rest).append(" ");
            return;
        }
        NftRule& rule = chain.rules.emplace_back();
        rule.handle = *handle;
        rule.text = pending_.append(rest);
        rule.comment = comment_of(rule.text);
        pending_.clear();
    }

    Block block_ = Block::none;
    std::string pending_; // the lines so far of a rule with a long set, or of a map
    std::string map_;
};

} // namespace

const NftTable* NftListing::table(std::string_view family, std::string_view name) const {
    for (const NftTable& candidate : tables)
        if (candidate.family == family && candidate.name == name)
            return &candidate;
    return nullptr;
}

NftPlace find_rule(const NftTable& table, std::uint64_t handle) {
    for (const NftChain& chain : table.chains)
        for (std::size_t i = 0; i < chain.rules.size(); ++i)
            if (chain.rules[i].handle == handle)
                return {&chain, &chain.rules[i], i + 1};
    return {};
}

const NftChain* find_chain(const NftTable& table, std::uint64_t handle) {
    for (const NftChain& chain : table.chains)
        if (chain.handle == handle)
            return &chain;
    return nullptr;
}

std::vector<std::string> anonymous_map(std::string_view rule) {
    std::vector<std::string> elements;
    int maps = 0;
    any_word(rule, [&](std::string_view word, std::string_view rest) {
        if (word == "vmap" && rest.starts_with(" {")) {
            ++maps;
            if (const auto inside = braced(rest.substr(1)))
                elements = split_elements(*inside);
        }
        return false;
    });
    return maps == 1 ? elements : std::vector<std::string>();
}

NftListing parse_nft_listing(std::string_view text) {
    Parser parser;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        parser.take(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::move(parser.listing);
}

} // namespace nflab::nfverdict
