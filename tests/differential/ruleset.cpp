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

std::string render_xt(const Table& table) {
    std::string out = fmt::format("*{}\n", table.name);
    for (const Chain& chain : table.chains)
        out += fmt::format(":{} {} [0:0]\n", chain.name, chain.base.empty() ? "-" : chain.base);
    for (const Chain& chain : table.chains)
        for (const Rule& rule : chain.rules)
            out += fmt::format("-A {} {}\n", chain.name, rule.text);
    return out + "COMMIT\n";
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
    return engine == Engine::iptables || engine == Engine::ip6tables;
}

std::string loader_of(Engine engine) {
    if (engine == Engine::nft)
        return "nft -f -";
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
            out += engine == Engine::nft ? render_nft(table) : render_xt(table);
    return out;
}

std::string render_all(const Ruleset& ruleset) {
    std::string out;
    for (const Engine engine : {Engine::nft, Engine::iptables, Engine::ip6tables,
                                Engine::iptables_nft, Engine::ip6tables_nft})
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
