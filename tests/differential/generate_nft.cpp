// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/evidence.hpp"
#include "tests/differential/generate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nflab::witness {
namespace {

// The transport that a text is about; 0: any. nft refuses a rule about two of them.
int transport_of(const std::string& text) {
    for (const auto& [word, number] :
         {std::pair{"icmp", 1}, std::pair{"udp", 17}, std::pair{"tcp", 6}})
        if (text.find(word) != std::string::npos)
            return number;
    return 0;
}

bool fits(const std::string& one, const std::string& other) {
    return transport_of(one) == 0 || transport_of(other) == 0 ||
           transport_of(one) == transport_of(other);
}

// The IP version that a text is about, else the other argument: nft refuses a rule about both.
int network_of(const std::string& text, int otherwise) {
    if (text.find("ip6") != std::string::npos || text.find("icmpv6") != std::string::npos ||
        text.find("s6") != std::string::npos)
        return 6;
    if (text.find("ip ") != std::string::npos || text.find("icmp ") != std::string::npos)
        return 4;
    return otherwise;
}

// A table under construction.
class Maker {
  public:
    Maker(Random& random, Table& table) : random_(random), table_(table) {}

    void fill() {
        make_sets();
        const int chains = random_.between(1, 4);
        for (int i = 0; i < chains; ++i)
            make_base(i);
        if (random_.percent(45))
            make_nat();
    }

  private:
    int family() {
        if (table_.family == "ip")
            return 4;
        if (table_.family == "ip6")
            return 6;
        return random_.percent(50) ? 4 : 6;
    }

    const char* word(int family) const { return family == 4 ? "ip" : "ip6"; }

    std::string host(int family) {
        const int number = net::first_host + random_.between(0, net::hosts - 1);
        return random_.percent(50) ? net::lan(family, number) : net::wan(family, number);
    }

    std::string port() { return std::to_string(random_.pick(net::ports)); }

    void make_sets() {
        for (const int version : {4, 6}) {
            if (table_.family != "inet" && table_.family != (version == 4 ? "ip" : "ip6"))
                continue;
            const char* type = version == 4 ? "ipv4_addr" : "ipv6_addr";
            table_.sets.push_back(
                {fmt::format("hosts{}", version),
                 fmt::format("type {}; flags interval; elements = {{ {}, {}-{} }}", type,
                             net::lan(version, 100), net::wan(version, 101),
                             net::wan(version, 101 + random_.between(1, 3))),
                 "set",
                 {}});
            table_.sets.push_back(
                {fmt::format("pairs{}", version),
                 fmt::format("type {} . inet_service; elements = {{ {} . {}, {} . {} }}", type,
                             net::lan(version, 101), port(), net::wan(version, 102), port()),
                 "set",
                 {}});
            table_.sets.push_back(
                {fmt::format("seen{}", version),
                 fmt::format("type {}; flags dynamic; size 4096; timeout 1h", type),
                 "set",
                 {}});
        }
        table_.sets.push_back(
            {"ports",
             fmt::format("type inet_service; flags interval; elements = {{ 1000-{} }}",
                         random_.between(1000, 1003)),
             "set",
             {}});
    }

    // A match and the sets that it names.
    Rule match() { return match(family()); }

    Rule match(int version) {
        const char* ip = word(version);
        switch (random_.below(16)) {
        case 0:
            return {fmt::format("{} saddr {}", ip, host(version)), {}};
        case 1:
            return {fmt::format("{} daddr {{ {}, {} }}", ip, net::lan(version, 100),
                                net::wan(version, 103)),
                    {}};
        case 2:
            return {fmt::format("meta l4proto {}", random_.percent(50) ? "tcp" : "udp"), {}};
        case 3:
            return {fmt::format("tcp dport {}", port()), {}};
        case 4:
            return {fmt::format("udp dport {}-{}", 1000, 1000 + random_.between(0, 3)), {}};
        case 5:
            return {fmt::format("tcp flags & (syn|ack) == {}", random_.percent(50) ? "syn" : "ack"),
                    {}};
        case 6:
            return {fmt::format("ct state {}",
                                random_.pick(std::vector<std::string>{
                                    "new", "established", "established,related", "invalid"})),
                    {}};
        case 7:
            return {fmt::format("iifname \"{}\"", random_.percent(50) ? "lan0" : "wan0"), {}};
        case 8:
            return {fmt::format("{} saddr @hosts{}", ip, version),
                    {fmt::format("hosts{}", version)}};
        case 9:
            return {fmt::format("{} daddr . tcp dport @pairs{}", ip, version),
                    {fmt::format("pairs{}", version)}};
        case 10:
            return {"th dport @ports", {"ports"}};
        case 11:
            return {version == 4 ? "icmp type echo-request" : "icmpv6 type echo-request", {}};
        case 12:
            return {fmt::format("meta mark {}", random_.between(0, 3)), {}};
        case 13:
            return {fmt::format("meta length > {}", random_.between(60, 600)), {}};
        case 14:
            return {fmt::format("{} saddr . meta l4proto {{ {} . tcp, {} . udp }}", ip,
                                host(version), host(version)),
                    {}};
        default:
            return {"", {}};
        }
    }

    // Something that does not decide.
    Rule passing(const std::string& so_far) {
        const int version = network_of(so_far, family());
        switch (random_.below(4)) {
        case 0:
            return {fmt::format("meta mark set {}", random_.between(0, 3)), {}};
        case 1:
            return {fmt::format("update @seen{} {{ {} saddr }}", version, word(version)),
                    {fmt::format("seen{}", version)}};
        default:
            return {"counter", {}};
        }
    }

    Rule decision(const std::string& so_far, const std::vector<std::string>& below,
                  bool may_reject) {
        const bool chains = !below.empty();
        switch (random_.weighted({24, 12, may_reject ? 10U : 0U, chains ? 26U : 0U,
                                  chains ? 8U : 0U, 8, chains ? 12U : 0U, 6, 2})) {
        case 0:
            return {"accept", {}};
        case 1:
            return {"drop", {}};
        case 2:
            return {random_.percent(30) && fits(so_far, "tcp")
                        ? "meta l4proto tcp reject with tcp reset"
                        : "reject",
                    {}};
        case 3: {
            const std::string& target = random_.pick(below);
            return {"jump " + target, {target}};
        }
        case 4: {
            const std::string& target = random_.pick(below);
            return {"goto " + target, {target}};
        }
        case 5:
            return {"return", {}};
        case 6: {
            const std::string& target = random_.pick(below);
            return {fmt::format("th dport vmap {{ 1-99 : jump {}, 443 : drop, 1000-1003 : accept, "
                                "8080 : goto {} }}",
                                target, target),
                    {target}};
        }
        case 7:
            return {verdict_map(network_of(so_far, family()), below)};
        default:
            return {"queue num 7", {}};
        }
    }

    Rule verdict_map(int version, const std::vector<std::string>& below) {
        const std::string name = fmt::format("map{}", ++maps_);
        const std::string jump = below.empty() ? "return" : "jump " + random_.pick(below);
        std::vector<std::string> needs;
        if (!below.empty())
            needs.push_back(jump.substr(5));
        table_.sets.push_back(
            {name,
             fmt::format(
                 "type {} . inet_proto : verdict; elements = {{ {} . tcp : accept, {} . udp "
                 ": drop, {} . tcp : {} }}",
                 version == 4 ? "ipv4_addr" : "ipv6_addr", net::lan(version, 100),
                 net::wan(version, 101), net::wan(version, 102), jump),
             "map", needs});
        return {fmt::format("{} daddr . meta l4proto vmap @{}", word(version), name), {name}};
    }

    void make_rule(Chain& chain, const std::vector<std::string>& below, bool may_reject) {
        Rule rule = match();
        if (random_.percent(40)) {
            Rule more = match();
            // A second match of another family can never hold and is refused in places.
            if (table_.family != "inet" && !more.text.empty() &&
                more.text.substr(0, 3) != rule.text.substr(0, 3) && fits(rule.text, more.text)) {
                rule.text += " " + more.text;
                rule.needs.insert(rule.needs.end(), more.needs.begin(), more.needs.end());
            }
        }
        Rule end =
            random_.percent(22) ? passing(rule.text) : decision(rule.text, below, may_reject);
        if (random_.percent(75) && end.text != "counter")
            rule.text += " counter";
        rule.text += " " + end.text;
        rule.needs.insert(rule.needs.end(), end.needs.begin(), end.needs.end());
        if (random_.percent(30))
            rule.text += fmt::format(" comment \"w{}\"", ++comments_);
        chain.rules.push_back(rule);
    }

    void make_base(int number) {
        static const std::vector<std::string> hooks{"prerouting", "input", "forward", "output",
                                                    "postrouting"};
        const std::string& hook = hooks[random_.weighted({22, 20, 30, 14, 14})];
        const bool may_reject = hook == "input" || hook == "forward" || hook == "output";
        const bool route = hook == "output" && table_.family != "inet" && random_.percent(25);
        const std::string prefix = fmt::format("{}{}", hook.substr(0, 2), number);
        std::vector<std::string> below;
        const int children = random_.between(0, 3);
        for (int i = children; i > 0; --i) {
            Chain child{fmt::format("{}_sub{}", prefix, i), "", {}};
            const int rules = random_.between(0, 4);
            for (int r = 0; r < rules; ++r)
                make_rule(child, below, may_reject);
            below.push_back(child.name);
            table_.chains.push_back(child);
        }
        Chain base{fmt::format("{}_base", prefix),
                   fmt::format("type {} hook {} priority {}; policy {};",
                               route ? "route" : "filter", hook, random_.between(-310, 310),
                               random_.percent(12) ? "drop" : "accept"),
                   {}};
        const int rules = random_.between(1, 7);
        for (int r = 0; r < rules; ++r)
            make_rule(base, below, may_reject);
        table_.chains.push_back(base);
    }

    void make_nat() {
        const bool before = random_.percent(50);
        const int version = family();
        const char* kind = table_.family == "inet" ? (version == 4 ? " ip" : " ip6") : "";
        Chain chain{
            before ? "nat_pre" : "nat_post",
            before
                ? fmt::format("type nat hook prerouting priority {};", random_.between(-110, -90))
                : fmt::format("type nat hook postrouting priority {};", random_.between(90, 110)),
            {}};
        const int rules = random_.between(1, 4);
        for (int i = 0; i < rules; ++i) {
            Rule rule = match(version);
            // Translation is for one family; in inet the rule must say which.
            rule.text =
                table_.family == "inet"
                    ? fmt::format("meta nfproto {} {}", version == 4 ? "ipv4" : "ipv6", rule.text)
                    : rule.text;
            std::string action;
            if (before)
                action = !fits(rule.text, "tcp") || random_.percent(60)
                             ? fmt::format("dnat{} to {}", kind, host(version))
                             : "meta l4proto tcp redirect to :9000";
            else
                action = random_.percent(50)
                             ? "masquerade"
                             : fmt::format("snat{} to {}", kind, net::wan(version, 200));
            rule.text += fmt::format(" counter {}", action);
            chain.rules.push_back(rule);
        }
        table_.chains.push_back(chain);
    }

    Random& random_;
    Table& table_;
    int maps_ = 0;
    int comments_ = 0;
};

// A packet that no other chain looks at passes these: so a record says for every packet whether it
// was forwarded or taken in.
void add_watch(Ruleset& ruleset) {
    Table table;
    table.family = "inet";
    table.name = last_table;
    for (const char* hook : {"input", "forward", "output", "postrouting"})
        table.chains.push_back(
            {hook, fmt::format("type filter hook {} priority 320; policy accept;", hook), {}});
    ruleset.tables.push_back(table);
}

bool has(const Features& features, Engine engine) {
    switch (engine) {
    case Engine::iptables:
    case Engine::ip6tables:
        return features.legacy;
    case Engine::arptables:
        return features.arptables;
    case Engine::ebtables:
        return features.ebtables;
    case Engine::ebtables_nft:
        return features.ebtables_nft;
    case Engine::iptables_nft:
    case Engine::ip6tables_nft:
    case Engine::arptables_nft:
        return features.iptables_nft;
    case Engine::nft:
        break;
    }
    return true;
}

} // namespace

void add_nft_tables(Random& random, Ruleset& ruleset) {
    const std::vector<std::string> families{"ip", "ip6", "inet"};
    for (const std::string& family : families) {
        const int count = family == "inet" ? random.between(1, 2) : random.between(0, 1);
        for (int i = 0; i < count; ++i) {
            Table table;
            table.family = family;
            table.name = fmt::format("{}_t{}", family, i);
            Maker(random, table).fill();
            ruleset.tables.push_back(table);
        }
    }
    add_watch(ruleset);
}

Ruleset make_ruleset(Random& random, const Features& features) {
    Ruleset ruleset;
    add_nft_tables(random, ruleset);
    for (const Engine engine : {Engine::iptables, Engine::ip6tables})
        if (random.percent(70))
            add_xt_tables(random, ruleset, engine);
    for (const Engine engine : {Engine::iptables_nft, Engine::ip6tables_nft})
        if (random.percent(40))
            add_xt_tables(random, ruleset, engine);
    add_link_tables(random, ruleset);
    for (const Engine engine : {Engine::arptables, Engine::arptables_nft})
        if (random.percent(35))
            add_arp_tables(random, ruleset, engine);
    for (const Engine engine : {Engine::ebtables, Engine::ebtables_nft})
        if (random.percent(40))
            add_bridge_tables(random, ruleset, engine);
    for (Table& table : ruleset.tables) {
        std::erase_if(table.chains, [&](const Chain& chain) {
            return !features.egress && chain.base.find("hook egress") != std::string::npos;
        });
        for (Chain& chain : table.chains)
            std::erase_if(chain.rules, [&](const Rule& rule) {
                return !features.ipset && rule.text.find("--match-set") != std::string::npos;
            });
    }
    std::erase_if(ruleset.tables, [&](const Table& table) { return !has(features, table.engine); });
    return ruleset;
}

} // namespace nflab::witness
