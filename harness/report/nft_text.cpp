// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/words.hpp"
#include "harness/report/ruleset_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

namespace nflab::report {
namespace {

// A statement, or the head of a block: up to a ';', the end of its line, or a brace.
struct Piece {
    std::string text;
    Lines lines;
    std::string comment; ///< behind a '#' at its end
};

bool is_family(const std::string& word) {
    constexpr std::array families{"ip", "ip6", "inet", "arp", "bridge", "netdev"};
    return std::find(families.begin(), families.end(), word) != families.end();
}

class NftText {
  public:
    explicit NftText(std::string_view text) : text_(text) {}

    std::vector<TextChain> chains() {
        while (!at_end())
            command();
        return std::move(chains_);
    }

  private:
    bool at_end() const { return at_ >= text_.size(); }
    char peek() const { return text_[at_]; }

    char take() {
        const char c = text_[at_++];
        if (c == '\n')
            ++line_;
        return c;
    }

    void skip_string(std::string& into) {
        into += take();
        while (!at_end() && peek() != '"')
            into += take();
        if (!at_end())
            into += take();
    }

    std::string comment() {
        std::string text;
        while (!at_end() && peek() != '\n')
            text += take();
        return text;
    }

    // A set in a rule is part of it, whatever lines it has; a block that `opens` begins is not.
    template <typename Opens>
    Piece piece(const Opens& opens) {
        Piece piece;
        int depth = 0;
        while (!at_end()) {
            const char c = peek();
            if (depth == 0 && (c == '}' || (c == '{' && opens(piece.text))))
                break;
            if (c == '#') {
                piece.comment = comment();
            } else if (c == '"') {
                note_place(piece);
                skip_string(piece.text);
            } else if (depth == 0 && (c == ';' || c == '\n')) {
                take();
                if (c == ';')
                    trailing_comment(piece);
                break;
            } else if (c == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') {
                take(), take();
                piece.text += ' ';
            } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
                take();
                if (!piece.text.empty() && piece.text.back() != ' ')
                    piece.text += ' ';
            } else {
                note_place(piece);
                depth += c == '{' ? 1 : c == '}' ? -1 : 0;
                piece.text += take();
            }
        }
        while (!piece.text.empty() && piece.text.back() == ' ')
            piece.text.pop_back();
        return piece;
    }

    void note_place(Piece& piece) const {
        if (piece.lines.first == 0)
            piece.lines.first = line_;
        piece.lines.last = line_;
    }

    // "…; # a comment" of the same line belongs to what stands before it.
    void trailing_comment(Piece& piece) {
        std::size_t at = at_;
        while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t'))
            ++at;
        if (at < text_.size() && text_[at] == '#') {
            at_ = at;
            piece.comment = comment();
        }
    }

    static bool never(const std::string&) { return false; }
    static bool heads_block(const std::string& text) {
        const auto words = split_words(text);
        return !words.empty() && std::any_of(words.begin(), words.end(), [](const auto& word) {
            return word == "table" || word == "chain" || word == "set" || word == "map" ||
                   word == "flowtable" || word == "counter" || word == "quota" || word == "limit" ||
                   word == "synproxy" || word == "secmark";
        }) && std::find(words.begin(), words.end(), "rule") == words.end();
    }

    void skip_block() {
        int depth = 0;
        while (!at_end()) {
            std::string ignored;
            if (peek() == '"') {
                skip_string(ignored);
                continue;
            }
            if (peek() == '#') {
                comment();
                continue;
            }
            const char c = take();
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (depth == 0)
                return;
        }
    }

    // At the outermost level.
    void command() {
        const Piece head = piece(heads_block);
        std::vector<std::string> words = split_words(head.text);
        const bool block = !at_end() && peek() == '{';
        if (!at_end() && peek() == '}')
            take();
        if (!words.empty() && (words[0] == "add" || words[0] == "create"))
            words.erase(words.begin());
        if (words.empty()) {
            if (block)
                skip_block();
            return;
        }
        if (words[0] == "table" && block)
            return table(words);
        if (words[0] == "chain" && block)
            return chain_command(words);
        if (block)
            return skip_block();
        rule_command(words, head);
    }

    void table(const std::vector<std::string>& words) {
        const bool has_family = words.size() > 2 && is_family(words[1]);
        const std::string family = has_family ? words[1] : "ip";
        const std::string& name = words.back();
        take();
        while (!at_end()) {
            const Piece head = piece(heads_block);
            const auto inner = split_words(head.text);
            if (at_end())
                return;
            if (peek() == '}') {
                take();
                return;
            }
            if (peek() != '{')
                continue;
            if (inner.size() >= 2 && inner[0] == "chain")
                chain_body(find(family, name, inner[1]));
            else
                skip_block();
        }
    }

    void chain_command(const std::vector<std::string>& words) {
        const std::size_t skip = words.size() > 1 && is_family(words[1]) ? 2 : 1;
        if (words.size() < skip + 2)
            return skip_block();
        chain_body(find(skip == 2 ? words[1] : "ip", words[skip], words[skip + 1]));
    }

    // `rule [FAMILY] TABLE CHAIN …`, and what puts rules elsewhere than to the end.
    void rule_command(std::vector<std::string> words, const Piece& head) {
        bool elsewhere = false;
        if (words[0] == "insert" || words[0] == "replace" || words[0] == "delete") {
            elsewhere = true;
            words.erase(words.begin());
        }
        if (words.empty() || words[0] != "rule")
            return;
        const std::size_t skip = words.size() > 1 && is_family(words[1]) ? 2 : 1;
        if (words.size() < skip + 3)
            return;
        TextChain& chain = find(skip == 2 ? words[1] : "ip", words[skip], words[skip + 1]);
        const std::string& next = words[skip + 2];
        if (elsewhere || next == "index" || next == "position" || next == "handle") {
            chain.disordered = true;
            return;
        }
        std::string text;
        for (std::size_t i = skip + 2; i < words.size(); ++i)
            text += (text.empty() ? "" : " ") + words[i];
        chain.rules.push_back({text, head.lines, 0});
    }

    void chain_body(TextChain& chain) {
        take();
        while (!at_end()) {
            const Piece item = piece(never);
            if (!item.text.empty())
                add(chain, item);
            if (at_end())
                return;
            if (peek() == '}') {
                take();
                return;
            }
        }
    }

    static void add(TextChain& chain, const Piece& item) {
        const std::string first = item.text.substr(0, item.text.find(' '));
        if (first == "policy") {
            chain.policy = item.lines;
            chain.policy_word = split_words(item.text).back();
            return;
        }
        if (first == "type" || first == "comment" || first == "flags" || first == "devices" ||
            first == "include" || first == "define")
            return;
        TextRule rule{item.text, item.lines, 0};
        const std::string mark = "# handle ";
        if (item.comment.starts_with(mark))
            rule.handle = std::strtoull(item.comment.c_str() + mark.size(), nullptr, 10);
        chain.rules.push_back(std::move(rule));
    }

    TextChain& find(const std::string& family, const std::string& table, const std::string& name) {
        for (TextChain& chain : chains_)
            if (chain.family == family && chain.table == table && chain.name == name)
                return chain;
        chains_.push_back({family, table, name, {}, "", {}, false});
        return chains_.back();
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int line_ = 1;
    std::vector<TextChain> chains_;
};

} // namespace

std::vector<TextChain> nft_chains(std::string_view text) {
    return NftText(text).chains();
}

} // namespace nflab::report
