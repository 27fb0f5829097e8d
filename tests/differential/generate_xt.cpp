// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/generate.hpp"

#include <fmt/format.h>

namespace nflab::witness {
namespace {

struct BuiltIn {
    std::string table;
    std::vector<std::string> chains;
};

const std::vector<BuiltIn>& built_in() {
    static const std::vector<BuiltIn> tables{
        {"filter", {"INPUT", "FORWARD", "OUTPUT"}},
        {"mangle", {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}},
        {"raw", {"PREROUTING", "OUTPUT"}},
        {"nat", {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"}},
        {"security", {"INPUT", "FORWARD", "OUTPUT"}},
    };
    return tables;
}

class Maker {
  public:
    Maker(Random& random, Table& table)
        : random_(random), table_(table),
          family_(table.engine == Engine::iptables || table.engine == Engine::iptables_nft ? 4
                                                                                           : 6) {}

    void fill(const BuiltIn& shape) {
        std::vector<std::string> below;
        std::vector<Chain> users;
        const int count = random_.between(1, 4);
        for (int i = count; i > 0; --i) {
            Chain chain{fmt::format("{}{}", table_.name, i), "", {}};
            const int rules = random_.between(0, 4);
            for (int r = 0; r < rules; ++r)
                chain.rules.push_back(rule("", below));
            below.push_back(chain.name);
            users.push_back(chain);
        }
        for (const std::string& name : shape.chains) {
            Chain chain{name, table_.name != "nat" && random_.percent(8) ? "DROP" : "ACCEPT", {}};
            const int rules = random_.between(0, 5);
            for (int r = 0; r < rules; ++r)
                chain.rules.push_back(rule(name, below));
            table_.chains.push_back(chain);
        }
        table_.chains.insert(table_.chains.end(), users.begin(), users.end());
    }

  private:
    std::string host() {
        const int number = net::first_host + random_.between(0, net::hosts - 1);
        return random_.percent(50) ? net::lan(family_, number) : net::wan(family_, number);
    }

    std::string match(const std::string& chain) {
        switch (random_.below(13)) {
        case 0:
            return fmt::format("-s {} ", host());
        case 1:
            return fmt::format("-d {} ", host());
        case 2:
            return fmt::format("-p tcp --dport {} ", random_.pick(net::ports));
        case 3:
            return fmt::format("-p udp --dport 1000:{} ", 1000 + random_.between(0, 3));
        case 4:
            return "-p tcp --tcp-flags SYN,ACK SYN ";
        case 5:
            if (table_.name != "raw")
                return fmt::format("-m conntrack --ctstate {} ",
                                   random_.pick(std::vector<std::string>{
                                       "NEW", "ESTABLISHED", "RELATED,ESTABLISHED", "INVALID"}));
            return "-p udp ";
        case 6:
            if (chain != "OUTPUT" && chain != "POSTROUTING" && !chain.empty())
                return fmt::format("-i {} ", random_.percent(50) ? "lan0" : "wan0");
            return "-p tcp ";
        case 7:
            return family_ == 4 ? "-p icmp --icmp-type 8 " : "-p ipv6-icmp --icmpv6-type 128 ";
        case 8:
            return fmt::format("-m mark --mark {} ", random_.between(0, 3));
        case 9:
            return fmt::format("-p tcp -m multiport --dports 22,80,{} ", random_.pick(net::ports));
        case 10:
            return fmt::format("! -s {} ", host());
        case 11:
            return random_.percent(60)
                       ? fmt::format("-m set --match-set hosts{} {} ", family_,
                                     random_.percent(50) ? "src" : "dst")
                       : fmt::format("-m set ! --match-set pairs{} src,dst ", family_);
        default:
            return "";
        }
    }

    Rule rule(const std::string& chain, const std::vector<std::string>& below) {
        Rule rule{match(chain), {}};
        if (random_.percent(30))
            rule.text += fmt::format("-m comment --comment \"w {}\" ", ++comments_);
        // A user chain of nat may be reached from anywhere, so it gets no translation.
        if (table_.name == "nat" && !chain.empty() && random_.percent(35)) {
            rule.text += translation(chain, rule.text.find("-p ") != std::string::npos);
            return rule;
        }
        const bool filter = table_.name == "filter";
        const bool nat = table_.name == "nat";
        const bool chains = !below.empty();
        switch (random_.weighted({22, nat ? 0U : 9U, filter ? 9U : 0U, chains ? 26U : 0U,
                                  chains ? 9U : 0U, 10, 8, table_.name == "mangle" ? 14U : 0U,
                                  table_.name == "raw" ? 4U : 0U, 1})) {
        case 0:
            rule.text += "-j ACCEPT";
            break;
        case 1:
            rule.text += "-j DROP";
            break;
        case 2:
            rule.text += "-j REJECT";
            break;
        case 3:
            rule.needs.push_back(random_.pick(below));
            rule.text += "-j " + rule.needs.back();
            break;
        case 4:
            rule.needs.push_back(random_.pick(below));
            rule.text += "-g " + rule.needs.back();
            break;
        case 5:
            rule.text += "-j RETURN";
            break;
        case 7:
            rule.text += fmt::format("-j MARK --set-mark {}", random_.between(0, 3));
            break;
        case 8:
            rule.text += "-j CT --notrack";
            break;
        case 9:
            rule.text += nat ? "-j ACCEPT" : "-j NFQUEUE --queue-num 8";
            break;
        default:
            break; // without a target: it counts only
        }
        return rule;
    }

    std::string translation(const std::string& chain, bool has_protocol) {
        if (chain == "POSTROUTING")
            return random_.percent(50)
                       ? "-o wan0 -j MASQUERADE"
                       : fmt::format("-o wan0 -j SNAT --to-source {}", net::wan(family_, 200));
        if (chain == "PREROUTING")
            return has_protocol || random_.percent(60)
                       ? fmt::format("-j DNAT --to-destination {}", host())
                       : "-p tcp -j REDIRECT --to-ports 9000";
        return "-j ACCEPT";
    }

    Random& random_;
    Table& table_;
    int family_;
    int comments_ = 0;
};

} // namespace

std::string ipset_script() {
    std::string out;
    for (const int family : {4, 6}) {
        const char* name = family == 4 ? "inet" : "inet6";
        out += fmt::format("create hosts{0} hash:ip family {1}\nadd hosts{0} {2}\n"
                           "add hosts{0} {3}\nadd hosts{0} {4}\n"
                           "create pairs{0} hash:ip,port family {1}\nadd pairs{0} {2},tcp:80\n"
                           "add pairs{0} {3},udp:53\n",
                           family, name, net::lan(family, 101), net::wan(family, 102),
                           net::lan(family, 104));
    }
    return out;
}

void add_xt_tables(Random& random, Ruleset& ruleset, Engine engine) {
    for (const BuiltIn& shape : built_in()) {
        if (shape.table != "filter" && !random.percent(40))
            continue;
        Table table;
        table.engine = engine;
        table.name = shape.table;
        Maker(random, table).fill(shape);
        ruleset.tables.push_back(table);
    }
}

} // namespace nflab::witness
