// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/evidence.hpp"
#include "tests/differential/generate.hpp"

#include <fmt/format.h>

namespace nflab::witness {
namespace {

// A table below IP under construction. Drops are rarer here than above: what is dropped here, no
// other table sees.
class Maker {
  public:
    Maker(Random& random, Table& table) : random_(random), table_(table) {}

    void fill() {
        if (table_.family == "bridge")
            for (const char* hook : {"prerouting", "input", "forward", "output", "postrouting"})
                base(hook, fmt::format("hook {}", hook));
        if (table_.family == "arp")
            for (const char* hook : {"input", "output"})
                base(hook, fmt::format("hook {}", hook));
        if (table_.family == "netdev")
            for (const char* device : {"lan0", "wan0", "p1", "p2"})
                for (const char* hook : {"ingress", "egress"})
                    base(fmt::format("{}_{}", hook, device),
                         fmt::format("hook {} device \"{}\"", hook, device));
    }

  private:
    std::string host(int family) {
        const int number = random_.between(0, net::hosts - 1);
        switch (random_.below(4)) {
        case 0:
            return net::lan(family, net::first_host + number);
        case 1:
            return net::wan(family, net::first_host + number);
        case 2:
            return net::bridge(family, net::first_right_host + number);
        default:
            return net::bridge(family, net::first_host + number);
        }
    }

    std::string match_arp() {
        switch (random_.below(5)) {
        case 0:
            return "arp operation request";
        case 1:
            return "arp operation reply";
        case 2:
            return fmt::format("arp saddr ip {}", host(4));
        case 3:
            return fmt::format("arp daddr ip {}", host(4));
        default:
            return "";
        }
    }

    std::string match() {
        if (table_.family == "arp")
            return match_arp();
        const int version = random_.percent(60) ? 4 : 6;
        const char* ip = version == 4 ? "ip" : "ip6";
        switch (random_.below(11)) {
        case 0:
            return fmt::format("{} saddr {}", ip, host(version));
        case 1:
            return fmt::format("{} daddr {{ {}, {} }}", ip, net::bridge(version, 150),
                               net::lan(version, 101));
        case 2:
            return fmt::format("{} saddr {}-{}", ip, net::bridge(version, 100),
                               net::bridge(version, 103));
        case 3:
            return fmt::format("tcp dport {}", random_.pick(net::ports));
        case 4:
            return fmt::format("udp dport 1000-{}", 1000 + random_.between(0, 3));
        case 5:
            return "tcp flags & (syn|ack) == syn";
        case 6:
            return version == 4 ? "icmp type echo-request" : "icmpv6 type echo-request";
        case 7:
            return fmt::format("meta length > {}", random_.between(60, 600));
        case 8:
            return fmt::format("meta protocol {}", ip);
        case 9:
            return table_.family == "bridge" ? match_arp() : "meta l4proto udp";
        default:
            return "";
        }
    }

    Rule decision(const std::vector<std::string>& below, bool transport) {
        const unsigned chains = below.empty() ? 0 : 1;
        switch (
            random_.weighted({22, 5, chains * 26, chains * 8, 8, chains * transport * 14, 14})) {
        case 0:
            return {"accept", {}};
        case 1:
            return {"drop", {}};
        case 2:
        case 3: {
            const std::string& target = random_.pick(below);
            return {(random_.percent(75) ? "jump " : "goto ") + target, {target}};
        }
        case 4:
            return {"return", {}};
        case 5: {
            const std::string& target = random_.pick(below);
            return {
                fmt::format("th dport vmap {{ 1-99 : jump {}, 443 : accept, 1000-1003 : accept, "
                            "8080 : goto {} }}",
                            target, target),
                {target}};
        }
        default:
            return {"", {}};
        }
    }

    Rule rule(const std::vector<std::string>& below) {
        Rule out{match(), {}};
        const bool transport = table_.family != "arp" &&
                               out.text.find("arp") == std::string::npos &&
                               out.text.find("icmp") == std::string::npos;
        const Rule end = decision(below, transport);
        if (end.text.empty() || random_.percent(75))
            out.text += " counter";
        out.text += " " + end.text;
        out.needs = end.needs;
        return out;
    }

    void base(const std::string& name, const std::string& hook) {
        if (!random_.percent(55))
            return;
        std::vector<std::string> below;
        for (int i = random_.between(0, 2); i > 0; --i) {
            Chain child{fmt::format("{}_sub{}", name, i), "", {}};
            for (int r = random_.between(0, 3); r > 0; --r)
                child.rules.push_back(rule(below));
            below.push_back(child.name);
            table_.chains.push_back(child);
        }
        Chain chain{name + "_base",
                    fmt::format("type filter {} priority {}; policy {};", hook,
                                random_.between(-310, 310), random_.percent(5) ? "drop" : "accept"),
                    {}};
        for (int r = random_.between(1, 5); r > 0; --r)
            chain.rules.push_back(rule(below));
        table_.chains.push_back(chain);
    }

    Random& random_;
    Table& table_;
};

} // namespace

void add_link_tables(Random& random, Ruleset& ruleset) {
    for (const char* family : {"bridge", "netdev", "arp"}) {
        if (!random.percent(45))
            continue;
        Table table;
        table.family = family;
        table.name = fmt::format("{}_t0", family);
        Maker(random, table).fill();
        ruleset.tables.push_back(table);
    }
    // As in the inet family: a record for every frame that the bridge passes on or takes in.
    Table last;
    last.family = "bridge";
    last.name = last_table;
    for (const char* hook : {"input", "forward", "output", "postrouting"})
        last.chains.push_back(
            {hook, fmt::format("type filter hook {} priority 320; policy accept;", hook), {}});
    ruleset.tables.push_back(last);
}

bool sees_fragments(const Ruleset& ruleset) {
    for (const Table& table : ruleset.tables)
        if (table.family == "netdev")
            return true;
    return false;
}

} // namespace nflab::witness
