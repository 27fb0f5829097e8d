// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/ruleset.hpp"

#include "tests/differential/marker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace nflab::witness {
namespace {

std::string render_nft(const Table& table) {
    std::string out = fmt::format("table {} {} {{\n", table.family, table.name);
    // A map's elements may jump to chains: they must be there first, empty.
    for (const Chain& chain : table.chains)
        if (chain.base.empty())
            out += fmt::format("  chain {} {{ }}\n", chain.name);
    for (const Set& set : table.sets)
        out += fmt::format("  {} {} {{ {}; }}\n", set.keyword, set.name, set.body);
    for (const Chain& chain : table.chains) {
        out += fmt::format("  chain {} {{\n", chain.name);
        if (!chain.base.empty())
            out += fmt::format("    {}\n", chain.base);
        // Without its markers the test does not go on.
        if (chain.base.find("hook egress") != std::string::npos)
            out += fmt::format("    meta protocol {:#x} accept\n", marker_ethertype);
        for (const Rule& rule : chain.rules)
            out += fmt::format("    {}\n", rule.text);
        out += "  }\n";
    }
    return out + "}\n";
}

bool is_built_in(const Chain& chain) {
    return std::all_of(chain.name.begin(), chain.name.end(),
                       [](char letter) { return letter >= 'A' && letter <= 'Z'; });
}

// Arguments of one arptables-legacy after the other.
std::string render_arp(const Table& table) {
    std::string out = "-F\n-X\n";
    for (const Chain& chain : table.chains)
        out += is_built_in(chain) ? fmt::format("-P {} {}\n", chain.name, chain.base)
                                  : fmt::format("-N {}\n", chain.name);
    for (const Chain& chain : table.chains)
        for (const Rule& rule : chain.rules)
            out += fmt::format("-A {} {}\n", chain.name, rule.text);
    return out;
}

// The restore programs of ebtables take no counters and no end of a table.
std::string render_xt(const Table& table) {
    const bool frames = table.engine == Engine::ebtables || table.engine == Engine::ebtables_nft;
    std::string out = fmt::format("*{}\n", table.name);
    for (const Chain& chain : table.chains)
        out += fmt::format(":{} {}{}\n", chain.name, chain.base.empty() ? "-" : chain.base,
                           frames ? "" : " [0:0]");
    for (const Chain& chain : table.chains)
        for (const Rule& rule : chain.rules)
            out += fmt::format("-A {} {}\n", chain.name, rule.text);
    return out + (frames ? "" : "COMMIT\n");
}

bool known(const std::vector<std::string>& needs, const std::set<std::string>& names) {
    return std::all_of(needs.begin(), needs.end(),
                       [&](const std::string& need) { return names.count(need) != 0; });
}

bool drop_dangling(Table& table) {
    std::set<std::string> names;
    for (const Set& set : table.sets)
        names.insert(set.name);
    for (const Chain& chain : table.chains)
        names.insert(chain.name);
    std::size_t dropped =
        std::erase_if(table.sets, [&](const Set& set) { return !known(set.needs, names); });
    for (Chain& chain : table.chains)
        dropped +=
            std::erase_if(chain.rules, [&](const Rule& rule) { return !known(rule.needs, names); });
    return dropped != 0;
}

} // namespace

std::string name_of(Engine engine) {
    switch (engine) {
    case Engine::iptables:
        return "iptables";
    case Engine::ip6tables:
        return "ip6tables";
    case Engine::arptables:
        return "arptables";
    case Engine::ebtables:
        return "ebtables";
    case Engine::arptables_nft:
        return "arptables-nft";
    case Engine::ebtables_nft:
        return "ebtables-nft";
    case Engine::iptables_nft:
        return "iptables-nft";
    case Engine::ip6tables_nft:
        return "ip6tables-nft";
    case Engine::nft:
        break;
    }
    return "nft";
}

bool is_legacy(Engine engine) {
    return std::find(legacy_engines.begin(), legacy_engines.end(), engine) != legacy_engines.end();
}

std::string loader_of(Engine engine) {
    if (engine == Engine::nft)
        return "nft -f -";
    // arptables-legacy-restore needs Perl, which no guest has.
    if (engine == Engine::arptables)
        return "xargs -L 1 arptables-legacy";
    return name_of(engine) + (is_legacy(engine) ? "-legacy-restore" : "-restore");
}

bool Ruleset::uses(Engine engine) const {
    return std::any_of(tables.begin(), tables.end(),
                       [&](const Table& table) { return table.engine == engine; });
}

std::size_t Ruleset::rules() const {
    std::size_t count = 0;
    for (const Table& table : tables)
        for (const Chain& chain : table.chains)
            count += chain.rules.size();
    return count;
}

std::string render(const Ruleset& ruleset, Engine engine) {
    std::string out;
    for (const Table& table : ruleset.tables)
        if (table.engine == engine)
            out += engine == Engine::nft         ? render_nft(table)
                   : engine == Engine::arptables ? render_arp(table)
                                                 : render_xt(table);
    return out;
}

Ruleset with_emptied(const Ruleset& now, const Ruleset& before) {
    Ruleset out = now;
    for (Table table : before.tables) {
        const bool there =
            std::any_of(now.tables.begin(), now.tables.end(), [&](const Table& other) {
                return other.engine == table.engine && other.name == table.name;
            });
        if (there || !is_legacy(table.engine))
            continue;
        std::erase_if(table.chains, [](const Chain& chain) { return !is_built_in(chain); });
        for (Chain& chain : table.chains)
            chain = {chain.name, "ACCEPT", {}};
        out.tables.push_back(table);
    }
    return out;
}

std::string render_all(const Ruleset& ruleset) {
    std::string out;
    std::vector<Engine> engines{Engine::nft};
    engines.insert(engines.end(), legacy_engines.begin(), legacy_engines.end());
    engines.insert(engines.end(), nft_variants.begin(), nft_variants.end());
    for (const Engine engine : engines)
        if (ruleset.uses(engine))
            out += fmt::format("# {}\n{}", loader_of(engine), render(ruleset, engine));
    return out;
}

void drop_dangling(Ruleset& ruleset) {
    for (Table& table : ruleset.tables)
        while (drop_dangling(table)) {
        }
}

} // namespace nflab::witness
