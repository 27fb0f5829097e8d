// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

/// Rulesets as values that can be taken apart again: the generator makes them, the reducer drops
/// parts of them. Pure.
namespace nflab::witness {

struct Rule {
    std::string text; ///< without the chain: "tcp dport 22 counter accept", "-p tcp -j DROP"
    std::vector<std::string> needs; ///< chains and sets that it names
};

struct Chain {
    std::string name;
    /// nft: "type filter hook input priority -5; policy drop;"; xtables: the policy of a built-in
    /// chain, in ebtables of any. Empty for a chain that is only jumped to.
    std::string base;
    std::vector<Rule> rules;
};

/// A named set or map of nft.
struct Set {
    std::string name;
    std::string body; ///< what stands between its braces
    std::string keyword = "set";
    std::vector<std::string> needs; ///< chains that its elements name
};

/// Those that do not say nft are the legacy ones.
enum class Engine {
    nft,
    iptables,
    ip6tables,
    arptables,
    ebtables,
    iptables_nft,
    ip6tables_nft,
    arptables_nft,
    ebtables_nft
};
inline constexpr std::array legacy_engines{Engine::iptables, Engine::ip6tables, Engine::arptables,
                                           Engine::ebtables};
inline constexpr std::array nft_variants{Engine::iptables_nft, Engine::ip6tables_nft,
                                         Engine::arptables_nft, Engine::ebtables_nft};
/// As records name it.
std::string name_of(Engine engine);
bool is_legacy(Engine engine);
/// What loads it: "nft -f -", "iptables-legacy-restore", "iptables-nft-restore", …
std::string loader_of(Engine engine);

struct Table {
    Engine engine = Engine::nft;
    std::string family; ///< of nft: ip, ip6, inet
    std::string name;
    std::vector<Set> sets;
    std::vector<Chain> chains;
};

struct Ruleset {
    std::vector<Table> tables;

    bool uses(Engine engine) const;
    std::size_t rules() const;
};

/// Text for loader_of(engine). Chains of legacy tables
/// that are built in are always declared. Empty when there is no table of that engine.
std::string render(const Ruleset& ruleset, Engine engine);

/// With each legacy table of `before` that `now` does not have, emptied: what a table keeps when it
/// is not loaded again must not stay in force.
Ruleset with_emptied(const Ruleset& now, const Ruleset& before);

/// Everything, for people, with the command that loads each part.
std::string render_all(const Ruleset& ruleset);

/// Drops what names something that is no longer there, again and again, until all names are known.
void drop_dangling(Ruleset& ruleset);

} // namespace nflab::witness
