// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/generate.hpp"

#include <fmt/format.h>

namespace nflab::witness {
namespace {

// One table of ARP or bridge rules. Drops are rarer than above IP: what is dropped here, no other
// table sees.
class Maker {
  public:
    Maker(Random& random, Table& table)
        : random_(random), table_(table),
          bridge_(table.engine == Engine::ebtables || table.engine == Engine::ebtables_nft) {}

    void fill(const std::vector<std::string>& built_in) {
        std::vector<std::string> below;
        std::vector<Chain> users;
        for (int i = random_.between(0, 2); i > 0; --i) {
            Chain chain{fmt::format("{}{}", table_.name, i), bridge_ ? user_policy() : "", {}};
            for (int r = random_.between(0, 3); r > 0; --r)
                chain.rules.push_back(rule("", below));
            below.push_back(chain.name);
            users.push_back(chain);
        }
        for (const std::string& name : built_in) {
            Chain chain{name, random_.percent(5) ? "DROP" : "ACCEPT", {}};
            for (int r = random_.between(0, 4); r > 0; --r)
                chain.rules.push_back(rule(name, below));
            table_.chains.push_back(chain);
        }
        table_.chains.insert(table_.chains.end(), users.begin(), users.end());
    }

  private:
    const char* user_policy() {
        const char* const policies[] = {"RETURN", "ACCEPT", "DROP"};
        return policies[random_.weighted({75, 18, 7})];
    }

    std::string host(int family) {
        const int first = random_.percent(50) ? net::first_host : net::first_right_host;
        return net::bridge(family, first + random_.between(0, net::hosts - 1));
    }

    std::string match_arp() {
        switch (random_.below(4)) {
        case 0:
            return fmt::format("--opcode {} ", random_.between(1, 2));
        case 1:
            return fmt::format("-s {} ", random_.percent(50) ? host(4) : net::lan(4, 101));
        case 2:
            return fmt::format("-d {} ", host(4));
        default:
            return "";
        }
    }

    std::string match_frame(const std::string& chain) {
        switch (random_.below(10)) {
        case 0:
            return fmt::format("-p IPv4 --ip-source {} ", host(4));
        case 1:
            return fmt::format("-p IPv4 --ip-destination {} ", host(4));
        case 2:
            return fmt::format("-p IPv4 --ip-protocol tcp --ip-destination-port {} ",
                               random_.pick(net::ports));
        case 3:
            return "-p IPv4 --ip-protocol udp --ip-destination-port 1000:1002 ";
        case 4:
            return fmt::format("-p IPv6 --ip6-source {} ", host(6));
        case 5:
            return fmt::format("-p IPv6 --ip6-protocol udp --ip6-destination-port {} ",
                               random_.pick(net::ports));
        case 6:
            return random_.percent(50) ? "-p IPv6 --ip6-protocol ipv6-icmp " : "-p IPv6 ";
        case 7:
            return fmt::format("-p ARP --arp-opcode {} ", random_.between(1, 2));
        case 8:
            if (chain == "PREROUTING" || chain == "INPUT" || chain == "FORWARD")
                return random_.percent(50) ? "-i p1 " : "-i p2 ";
            return "-p ARP ";
        default:
            return "";
        }
    }

    Rule rule(const std::string& chain, const std::vector<std::string>& below) {
        Rule out{bridge_ ? match_frame(chain) : match_arp(), {}};
        switch (random_.weighted(
            {26, 7, below.empty() ? 0U : 30U, chain.empty() ? 12U : 0U, bridge_ ? 14U : 0U})) {
        case 0:
            out.text += "-j ACCEPT";
            break;
        case 1:
            out.text += "-j DROP";
            break;
        case 2:
            out.needs.push_back(random_.pick(below));
            out.text += "-j " + out.needs.back();
            break;
        case 3:
            out.text += "-j RETURN";
            break;
        default:
            out.text += "-j CONTINUE";
        }
        return out;
    }

    Random& random_;
    Table& table_;
    bool bridge_;
};

} // namespace

void add_arp_tables(Random& random, Ruleset& ruleset, Engine engine) {
    Table table;
    table.engine = engine;
    table.name = "filter";
    Maker(random, table).fill({"INPUT", "OUTPUT"});
    ruleset.tables.push_back(table);
}

void add_bridge_tables(Random& random, Ruleset& ruleset, Engine engine) {
    for (const char* name : {"filter", "nat"}) {
        if (!random.percent(60))
            continue;
        Table table;
        table.engine = engine;
        table.name = name;
        Maker(random, table)
            .fill(table.name == "filter"
                      ? std::vector<std::string>{"INPUT", "FORWARD", "OUTPUT"}
                      : std::vector<std::string>{"PREROUTING", "OUTPUT", "POSTROUTING"});
        ruleset.tables.push_back(table);
    }
}

} // namespace nflab::witness
