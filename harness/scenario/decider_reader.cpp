// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/decider_reader.hpp"

#include "harness/scenario/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

namespace nflab::scenario {

namespace {

struct Table {
    std::string_view name;
    std::vector<std::string_view> chains;
};

/// iptables(8), "TABLES".
const std::vector<Table>& iptables_tables() {
    static const std::vector<Table> tables = {
        {"filter", {"INPUT", "FORWARD", "OUTPUT"}},
        {"nat", {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"}},
        {"mangle", {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}},
        {"raw", {"PREROUTING", "OUTPUT"}},
        {"security", {"INPUT", "FORWARD", "OUTPUT"}},
    };
    return tables;
}

/// arptables(8) and ebtables(8), "TABLES".
const std::vector<Table>& tables_of(const std::string& engine) {
    static const std::vector<Table> arp = {{"filter", {"INPUT", "OUTPUT", "FORWARD"}}};
    static const std::vector<Table> bridge = {
        {"filter", {"INPUT", "FORWARD", "OUTPUT"}},
        {"nat", {"PREROUTING", "OUTPUT", "POSTROUTING"}},
        {"broute", {"BROUTING"}},
    };
    return engine == "arptables" ? arp : engine == "ebtables" ? bridge : iptables_tables();
}

const std::vector<std::pair<std::string_view, std::string_view>>& built_in_chains() {
    static const std::vector<std::pair<std::string_view, std::string_view>> chains = {
        {"PREROUTING", "prerouting"},   {"INPUT", "input"},   {"FORWARD", "forward"},
        {"POSTROUTING", "postrouting"}, {"OUTPUT", "output"}, {"BROUTING", "brouting"},
    };
    return chains;
}

std::vector<std::string> strings(const std::vector<std::string_view>& words) {
    return {words.begin(), words.end()};
}

class DeciderReader {
  public:
    DeciderReader(Reading& reading, const Fields& fields) : reading_(reading), fields_(fields) {}

    std::optional<Decider> read() {
        static constexpr std::string_view engines[] = {"nft",           "iptables", "ip6tables",
                                                       "arptables",     "ebtables", "iptables-nft",
                                                       "ip6tables-nft", "none"};
        const auto given = std::count_if(std::begin(engines), std::end(engines),
                                         [&](std::string_view name) { return fields_.has(name); });
        if (given == 0 && fields_.has_unknown())
            return std::nullopt;
        if (given != 1) {
            complain(
                fields_.where(), given == 0 ? "'by' names no chain" : "'by' names two chains",
                "write exactly one of `nft`, `iptables`, `ip6tables`, `arptables`, `ebtables`, "
                "`iptables-nft`, `ip6tables-nft` and `none`");
            return std::nullopt;
        }
        for (const auto engine : engines) {
            if (fields_.get(engine) != nullptr)
                read_chain(engine);
        }
        if (decider_.engine == "none")
            return read_stage();
        if (fields_.get("reason") != nullptr)
            complain(fields_.where("reason"), "a rule has no `reason`",
                     "`reason` goes with `none`: what dropped the packet was no rule");
        if (decider_.chain.empty())
            return std::nullopt;
        if (const Value* rule = fields_.get("rule"))
            read_rule(*rule);
        return decider_;
    }

  private:
    void complain(Position where, const std::string& message, const std::string& hint) {
        reading_.problems.add(where, message, hint);
    }

    bool counts_rules() const { return decider_.engine != "nft"; }

    bool has_handles() const { return decider_.engine.ends_with("nft"); }

    void read_chain(std::string_view engine) {
        decider_.engine = engine;
        const Text text{fields_.text(engine), fields_.where(engine)};
        if (engine == "none")
            decider_.stage = text.text;
        else if (engine == "nft")
            read_nft_chain(text);
        else
            read_iptables_chain(text);
    }

    std::optional<Decider> read_stage() {
        if (fields_.get("rule") != nullptr)
            complain(fields_.where("rule"), "`none` has no rule", "name the `reason`, or nothing");
        if (fields_.get("reason") != nullptr)
            decider_.reason = fields_.text("reason");
        return decider_;
    }

    void read_nft_chain(const Text& text) {
        static const std::vector<std::string> families = {"ip",  "ip6",    "inet",
                                                          "arp", "bridge", "netdev"};
        std::istringstream words(text.text);
        std::string rest;
        if (!(words >> decider_.family >> decider_.table >> decider_.chain) || words >> rest) {
            complain(text.where, fmt::format("'{}' does not name an nft chain", text.text),
                     "write FAMILY TABLE CHAIN, such as `ip nat postrouting`");
            decider_.chain.clear();
        } else if (std::find(families.begin(), families.end(), decider_.family) == families.end()) {
            complain(text.where, fmt::format("unknown nft family '{}'", decider_.family),
                     suggest(decider_.family, families));
        }
    }

    void read_iptables_chain(const Text& text) {
        const auto slash = text.text.find('/');
        if (slash == std::string::npos || slash == 0 || slash + 1 == text.text.size() ||
            text.text.find_first_of(" \t\n/", slash + 1) != std::string::npos) {
            complain(text.where, fmt::format("'{}' does not name an iptables chain", text.text),
                     "write TABLE/CHAIN, such as `filter/FORWARD`");
            return;
        }
        decider_.table = text.text.substr(0, slash);
        decider_.chain = text.text.substr(slash + 1);
        check_table(reading_, decider_.engine, decider_.table, decider_.chain, text.where);
    }

    void read_rule(const Value& value) {
        if (value.kind == Value::Kind::map) {
            read_rule_map(value);
            return;
        }
        const std::string& text = value.text;
        constexpr std::string_view handle = "handle ";
        if (text == "policy") {
            set_policy(value.where);
        } else if (value.plain && parse_integer(text)) {
            set_number(value.where, *parse_integer(text));
        } else if (text.size() > 1 && text[0] == '#' && parse_integer(text.substr(1))) {
            set_number(value.where, *parse_integer(text.substr(1)));
        } else if (text.rfind(handle, 0) == 0 && parse_integer(text.substr(handle.size()))) {
            set_handle(value.where, *parse_integer(text.substr(handle.size())));
        } else {
            decider_.rule = text;
            decider_.match = {RuleMatch::Kind::text, 0, text};
        }
    }

    void read_rule_map(const Value& value) {
        const Fields fields(value, rule_object, reading_.problems);
        if (value.entries.size() != 1) {
            complain(value.where, fmt::format("a rule is named in {} ways", value.entries.size()),
                     "write exactly one of `policy`, `number`, `handle`, `comment` and `text`; a "
                     "policy has no comment");
            return;
        }
        if (fields.get("policy") != nullptr) {
            if (fields.flag("policy"))
                set_policy(value.where);
            else
                complain(value.where, "`policy: false` names no rule", "leave it out");
        }
        if (const auto number = fields.integer("number"))
            set_number(fields.where("number"), *number);
        if (const auto number = fields.integer("handle"))
            set_handle(fields.where("handle"), *number);
        for (const auto& [key, kind] : {std::pair("comment", RuleMatch::Kind::comment),
                                        std::pair("text", RuleMatch::Kind::text)}) {
            if (fields.get(key) == nullptr)
                continue;
            decider_.rule = fields.text(key);
            decider_.match = {kind, 0, decider_.rule};
        }
    }

    void set_policy(Position where) {
        // In ebtables, the chains of users have policies, too.
        if (decider_.engine != "nft" && decider_.engine != "ebtables" &&
            built_in_hook(decider_).empty())
            complain(where, fmt::format("chain {} has no policy", decider_.chain),
                     "only iptables' own chains have one (INPUT, FORWARD, …)");
        decider_.rule = "policy";
        decider_.match = {RuleMatch::Kind::policy, 0, {}};
    }

    void set_number(Position where, long number) {
        if (!counts_rules())
            complain(where, fmt::format("{} does not number its rules", decider_.engine),
                     fmt::format("write \"handle {}\", a comment or part of the rule", number));
        if (number < 1)
            complain(where, fmt::format("{} is no rule's number", number),
                     "the first rule of a chain is number 1");
        decider_.rule = fmt::format("#{}", number);
        decider_.match = {RuleMatch::Kind::number, static_cast<std::uint64_t>(number), {}};
    }

    void set_handle(Position where, long number) {
        if (!has_handles())
            complain(where, fmt::format("legacy {} rules have no handle", decider_.engine),
                     "write the rule's number, a comment or part of the rule");
        if (number < 1)
            complain(where, fmt::format("{} is no rule's handle", number),
                     "`nft -a list ruleset` shows the handles");
        decider_.rule = fmt::format("handle {}", number);
        decider_.match = {RuleMatch::Kind::handle, static_cast<std::uint64_t>(number), {}};
    }

    Reading& reading_;
    const Fields& fields_;
    Decider decider_;
};

} // namespace

std::string built_in_hook(const Decider& decider) {
    if (decider.engine == "nft")
        return {};
    for (const auto& [chain, hook] : built_in_chains()) {
        if (chain == decider.chain)
            return std::string(hook);
    }
    return {};
}

void check_table(Reading& reading, const std::string& engine, const std::string& table,
                 const std::string& chain, Position where) {
    std::vector<std::string> names;
    for (const auto& known : tables_of(engine)) {
        names.emplace_back(known.name);
        if (known.name != table)
            continue;
        const auto& chains = built_in_chains();
        const bool built_in = std::any_of(chains.begin(), chains.end(),
                                          [&](const auto& each) { return each.first == chain; });
        if (built_in &&
            std::find(known.chains.begin(), known.chains.end(), chain) == known.chains.end())
            reading.problems.add(where, fmt::format("table {} has no chain {}", table, chain),
                                 suggest(chain, strings(known.chains)));
        return;
    }
    const std::string_view tool = engine == "arptables"  ? "arptables"
                                  : engine == "ebtables" ? "ebtables"
                                                         : "iptables";
    reading.problems.add(where, fmt::format("{} has no table '{}'", tool, table),
                         suggest(table, names));
}

std::optional<Decider> read_decider(Reading& reading, const Value& value) {
    const Fields fields(value, decider_object, reading.problems);
    return DeciderReader(reading, fields).read();
}

} // namespace nflab::scenario
