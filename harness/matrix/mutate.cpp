// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/matrix/mutate.hpp"

#include "harness/matrix/ruleset_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace nflab::matrix {
namespace {

using scenario::Decider;
using scenario::RuleMatch;
using Kind = RulesetStatement::Kind;

bool is_word_byte(char byte) {
    return std::isalnum(static_cast<unsigned char>(byte)) || byte == '_' || byte == '-';
}

// Where the word stands by itself, outside of quotes.
std::optional<std::size_t> find_word(std::string_view text, std::string_view word) {
    bool quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"')
            quoted = !quoted;
        if (!quoted && text.compare(at, word.size(), word) == 0 &&
            (at == 0 || !is_word_byte(text[at - 1])) &&
            (at + word.size() == text.size() || !is_word_byte(text[at + word.size()])))
            return at;
    }
    return std::nullopt;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> opposites = {
    {{"drop", "accept"}, {"accept", "drop"}, {"DROP", "ACCEPT"}, {"ACCEPT", "DROP"}}};

/// The statement with its first verdict turned round; nothing when it has none.
std::optional<std::string> turned(std::string_view statement) {
    std::optional<std::size_t> first;
    std::string result;
    for (const auto& [from, to] : opposites)
        if (const auto at = find_word(statement, from); at && (!first || *at < *first)) {
            first = at;
            result = std::string(statement).replace(*at, from.size(), to);
        }
    return first ? std::optional(result) : std::nullopt;
}

std::string on_one_line(const std::string& text) {
    std::string line;
    for (const char byte : text) {
        const bool space = std::isspace(static_cast<unsigned char>(byte)) != 0;
        if (!space || (!line.empty() && line.back() != ' '))
            line += space ? ' ' : byte;
    }
    while (!line.empty() && (line.back() == ' ' || line.back() == ';'))
        line.pop_back();
    return line;
}

std::string without_quotes(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), '"'), text.end());
    return text;
}

std::string chain_of(const Decider& decider) {
    return decider.engine == "nft"
               ? fmt::format("{} {} {}", decider.family, decider.table, decider.chain)
               : decider.table + "/" + decider.chain;
}

bool is_of(const scenario::Ruleset& ruleset, const Decider& decider) {
    if (ruleset.engine == "nftables")
        return decider.engine == "nft";
    // `by` calls the legacy engines by their first word.
    return ruleset.engine == decider.engine || ruleset.engine == decider.engine + "-legacy";
}

bool names(const Decider& decider, const RulesetStatement& statement) {
    if (chain_of(decider) != statement.chain)
        return false;
    switch (decider.match.kind) {
    case RuleMatch::Kind::policy:
        return statement.kind == Kind::policy;
    case RuleMatch::Kind::number:
        return statement.kind == Kind::rule &&
               statement.number == static_cast<int>(decider.match.number);
    case RuleMatch::Kind::comment:
    case RuleMatch::Kind::text:
        return statement.kind == Kind::rule &&
               without_quotes(statement.text).find(without_quotes(decider.match.text)) !=
                   std::string::npos;
    case RuleMatch::Kind::any:
    case RuleMatch::Kind::handle: // known only when it is loaded
        break;
    }
    return statement.kind == Kind::rule;
}

class Mutator {
  public:
    explicit Mutator(const scenario::Scenario& scenario) : scenario_(scenario) {}

    std::vector<Mutant> all() {
        collect();
        for (const auto& [step, decider] : deciders()) {
            Target* named = nullptr;
            for (Target& target : targets_)
                if (!target.taken && target.step <= step && is_of(ruleset(target), decider) &&
                    names(decider, target.statement) && (!named || target.step > named->step))
                    named = &target;
            if (named)
                alter(*named);
        }
        for (Target& target : targets_)
            if (!target.taken)
                alter(target);
        for (std::size_t step = 0; step < scenario_.steps.size(); ++step)
            leave_out_commands(step);
        return std::move(mutants_);
    }

  private:
    struct Target {
        std::size_t step;
        std::size_t ruleset;
        RulesetStatement statement;
        bool taken = false;
    };

    const scenario::Ruleset& ruleset(const Target& target) const {
        return scenario_.steps[target.step].apply[target.ruleset];
    }

    void collect() {
        for (std::size_t step = 0; step < scenario_.steps.size(); ++step)
            for (std::size_t i = 0; i < scenario_.steps[step].apply.size(); ++i) {
                const scenario::Ruleset& ruleset = scenario_.steps[step].apply[i];
                for (RulesetStatement& each : ruleset_statements(ruleset.engine, ruleset.text))
                    targets_.push_back({step, i, std::move(each)});
            }
    }

    // Those of drops first: that something passes is also true where no rule is.
    using Named = std::pair<std::size_t, Decider>; ///< in which step, and what
    std::vector<Named> deciders() const {
        std::vector<Named> first;
        std::vector<Named> rest;
        const auto add = [&](std::size_t step, const scenario::Station& station, bool negated) {
            if (!station.by || negated)
                return;
            const bool stops = station.verdict == "drop" || station.verdict == "reject";
            (stops ? first : rest).emplace_back(step, *station.by);
        };
        for (std::size_t step = 0; step < scenario_.steps.size(); ++step)
            for (const scenario::Expectation& expectation : scenario_.steps[step].expect) {
                add(step, expectation, expectation.negated);
                for (const scenario::Station& station : expectation.path)
                    add(step, station, expectation.negated);
            }
        first.insert(first.end(), rest.begin(), rest.end());
        return first;
    }

    void alter(Target& target) {
        target.taken = true;
        const scenario::Ruleset& source = ruleset(target);
        const RulesetStatement& statement = target.statement;
        const std::string old =
            source.text.substr(statement.begin, statement.end - statement.begin);
        const std::optional<std::string> verdict = turned(old);
        if (!verdict && statement.kind == Kind::policy)
            return; // DROP and ACCEPT are all that there are
        Mutant mutant;
        mutant.scenario = scenario_;
        scenario::Ruleset& altered = mutant.scenario.steps[target.step].apply[target.ruleset];
        altered.text.replace(statement.begin, old.size(), verdict.value_or(""));
        mutant.what = verdict ? fmt::format("{}: '{}' made '{}'", statement.chain, on_one_line(old),
                                            on_one_line(*verdict))
                              : fmt::format("{}: '{}' left out", statement.chain, on_one_line(old));
        mutant.where = source.file.empty() ? fmt::format("{}:{}", scenario_.file,
                                                         source.where.line + statement.line - 1)
                                           : fmt::format("{}:{}", source.file, statement.line);
        mutant.kernels = scenario_.steps[target.step].kernels;
        mutants_.push_back(std::move(mutant));
    }

    void leave_out_commands(std::size_t step) {
        for (std::size_t i = 0; i < scenario_.steps[step].run.size(); ++i) {
            const scenario::RunCommand& command = scenario_.steps[step].run[i];
            if (command.exit_code != 0 || !adds_rules(command.command))
                continue;
            Mutant mutant;
            mutant.scenario = scenario_;
            mutant.scenario.steps[step].run[i].command = "true";
            mutant.what = fmt::format("`{}` left out", on_one_line(command.command));
            mutant.where = fmt::format("{}:{}", scenario_.file, command.where.line);
            mutant.kernels = scenario_.steps[step].kernels;
            mutants_.push_back(std::move(mutant));
        }
    }

    static bool adds_rules(const std::string& command) {
        for (const char* tool :
             {"nft", "iptables", "ip6tables", "iptables-legacy", "iptables-nft", "ip6tables-legacy",
              "ip6tables-nft", "ebtables", "ebtables-legacy", "arptables", "arptables-legacy"})
            if (find_word(command, tool))
                return true;
        return false;
    }

    const scenario::Scenario& scenario_;
    std::vector<Target> targets_;
    std::vector<Mutant> mutants_;
};

} // namespace

std::vector<Mutant> mutants(const scenario::Scenario& scenario) {
    return Mutator(scenario).all();
}

} // namespace nflab::matrix
