// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/matrix/ruleset_text.hpp"

#include "harness/base/words.hpp"

#include <algorithm>
#include <map>

namespace nflab::matrix {
namespace {

using Statements = std::vector<RulesetStatement>;
using Kind = RulesetStatement::Kind;

int line_at(std::string_view text, std::size_t offset) {
    return 1 + static_cast<int>(
                   std::count(text.begin(), text.begin() + static_cast<long>(offset), '\n'));
}

bool is_family(const std::string& word) {
    return word == "ip" || word == "ip6" || word == "inet" || word == "arp" || word == "bridge" ||
           word == "netdev";
}

class NftText {
  public:
    explicit NftText(std::string_view text) : text_(text) {}

    Statements read() {
        while (at_ < text_.size())
            step();
        end_statement(at_);
        return std::move(statements_);
    }

  private:
    struct Block {
        std::string kind; ///< table, chain, or another word
        std::string name; ///< "ip filter", "ip filter forward"
    };

    void step() {
        const char byte = text_[at_];
        if (byte == '#') {
            at_ = std::min(text_.find('\n', at_), text_.size());
        } else if (byte == '"') {
            take(std::min(text_.find('"', at_ + 1), text_.size() - 1) + 1);
        } else if (byte == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') {
            current_ += ' ';
            at_ += 2;
        } else if (nested_ == 0 && (byte == '\n' || byte == ';')) {
            at_ += byte == ';' ? 1 : 0;
            end_statement(at_);
            at_ += byte == '\n' ? 1 : 0;
        } else if (byte == '{') {
            open();
        } else if (byte == '}') {
            close();
        } else {
            take(at_ + 1);
        }
    }

    void take(std::size_t end) {
        if (split_words(current_).empty() && !std::isspace(static_cast<unsigned char>(text_[at_])))
            begin_ = at_;
        current_.append(text_.substr(at_, end - at_));
        at_ = end;
    }

    void open() {
        std::vector<std::string> words = split_words(current_);
        if (!words.empty() && (words[0] == "add" || words[0] == "create"))
            words.erase(words.begin());
        const bool block = nested_ == 0 && !words.empty() &&
                           (blocks_.empty() || blocks_.back().kind == "table") &&
                           words[0] != "rule";
        if (!block) {
            ++nested_;
            take(at_ + 1);
            return;
        }
        blocks_.push_back({words[0], name_of(words)});
        current_.clear();
        ++at_;
    }

    void close() {
        if (nested_ > 0) {
            --nested_;
            take(at_ + 1);
            return;
        }
        end_statement(at_);
        if (!blocks_.empty())
            blocks_.pop_back();
        ++at_;
    }

    // Of "table ip filter", "table filter", "chain forward" in a table, "chain ip filter forward".
    std::string name_of(std::vector<std::string> words) const {
        const std::string kind = words[0];
        words.erase(words.begin());
        if (!blocks_.empty())
            return blocks_.back().name + " " + join_words(words);
        if (words.empty() || !is_family(words[0]))
            words.insert(words.begin(), "ip");
        return join_words(words);
    }

    void end_statement(std::size_t end) {
        std::vector<std::string> words = split_words(current_);
        current_.clear();
        if (words.empty())
            return;
        if (!blocks_.empty() && blocks_.back().kind == "chain") {
            if (words[0] == "policy")
                add(Kind::policy, blocks_.back().name, words, end);
            else if (words[0] != "type" && words[0] != "comment" && words[0] != "devices" &&
                     words[0] != "flags")
                add(Kind::rule, blocks_.back().name, words, end);
        } else if (blocks_.empty() && words.size() > 4 &&
                   (words[0] == "add" || words[0] == "insert") && words[1] == "rule") {
            words.erase(words.begin(), words.begin() + 2);
            if (!is_family(words[0]))
                words.insert(words.begin(), "ip");
            const std::string chain = join_words({words[0], words[1], words[2]});
            words.erase(words.begin(), words.begin() + 3);
            add(Kind::rule, chain, words, end);
        }
    }

    void add(Kind kind, const std::string& chain, const std::vector<std::string>& words,
             std::size_t end) {
        RulesetStatement statement;
        statement.kind = kind;
        statement.chain = chain;
        statement.text = join_words(words);
        if (!statement.text.empty() && statement.text.back() == ';')
            statement.text.pop_back();
        statement.begin = begin_;
        statement.end = end;
        statement.line = line_at(text_, begin_);
        if (kind == Kind::rule)
            statement.number = ++rules_[chain];
        statements_.push_back(std::move(statement));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t begin_ = 0; ///< of the statement that is being read
    std::string current_;
    int nested_ = 0; ///< braces of sets and maps within a statement
    std::vector<Block> blocks_;
    std::map<std::string, int> rules_;
    Statements statements_;
};

// A table or chain of iptables-save: "*filter", ":FORWARD DROP [0:0]", "-A FORWARD -j ACCEPT".
Statements read_save(std::string_view text) {
    Statements statements;
    std::map<std::string, int> rules;
    std::string table = "filter";
    int line = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::vector<std::string> words =
            split_words(std::string(text.substr(begin, end - begin)));
        RulesetStatement statement;
        statement.begin = begin;
        statement.end = end;
        statement.line = ++line;
        statement.text = join_words(words);
        begin = end + 1;
        if (words.empty() || words[0][0] == '#')
            continue;
        if (words[0][0] == '*') {
            table = words[0].substr(1);
        } else if (words[0][0] == ':' && words.size() > 1 && words[1] != "-") {
            statement.kind = Kind::policy;
            statement.chain = table + "/" + words[0].substr(1);
            statements.push_back(std::move(statement));
        } else if ((words[0] == "-A" || words[0] == "-I") && words.size() > 2) {
            statement.chain = table + "/" + words[1];
            statement.number = ++rules[statement.chain];
            statements.push_back(std::move(statement));
        }
    }
    return statements;
}

} // namespace

Statements ruleset_statements(std::string_view engine, std::string_view text) {
    return engine == "nftables" ? NftText(text).read() : read_save(text);
}

} // namespace nflab::matrix
