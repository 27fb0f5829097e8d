// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/evidence.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <optional>
#include <sstream>

namespace nflab::witness {
namespace {

std::uint64_t number(std::string_view digits) {
    std::uint64_t value = 0;
    const bool hex = digits.starts_with("0x");
    if (hex)
        digits.remove_prefix(2);
    std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
    return value;
}

// The word behind `name`, which may be two words itself ("ip saddr").
std::string after(const std::string& line, const std::string& name) {
    const std::size_t at = line.find(" " + name + " ");
    if (at == std::string::npos)
        return {};
    const std::size_t begin = at + name.size() + 2;
    return line.substr(begin, line.find(' ', begin) - begin);
}

int protocol_number(const std::string& word) {
    if (word == "tcp")
        return 6;
    if (word == "udp")
        return 17;
    if (word == "icmp")
        return 1;
    if (word == "ipv6-icmp" || word == "icmpv6")
        return 58;
    if (word == "ipv6-frag")
        return 44;
    return static_cast<int>(number(word));
}

int icmp_type(const std::string& word) {
    if (word.empty())
        return -1;
    if (word == "echo-reply")
        return 0;
    if (word == "echo-request")
        return 8;
    return 3;
}

int icmpv6_type(const std::string& word) {
    if (word.empty())
        return -1;
    if (word == "echo-request")
        return 128;
    if (word == "echo-reply")
        return 129;
    if (word.starts_with("nd-"))
        return 135;
    if (word.starts_with("mld"))
        return 143;
    return 1;
}

// "@nh,0,160 0x4500…": what nft prints of headers that it does not take apart, as at egress.
Bytes raw_header(const std::string& line, const std::string& base) {
    const std::size_t at = line.find(" " + base);
    if (at == std::string::npos)
        return {};
    std::istringstream words(line.substr(at + 1 + base.size()));
    std::size_t bits = 0;
    std::string hex;
    if (!(words >> bits >> hex) || !hex.starts_with("0x") || hex.size() - 2 > bits / 4)
        return {};
    return from_hex(std::string(bits / 4 - (hex.size() - 2), '0') + hex.substr(2));
}

Seen seen_in_trace(const std::string& line) {
    Seen seen;
    if (Bytes bytes = raw_header(line, "@nh,0,"); !bytes.empty()) {
        const Bytes transport = raw_header(line, "@th,0,");
        bytes.insert(bytes.end(), transport.begin(), transport.end());
        return seen_in(bytes);
    }
    if (line.find(" ip saddr ") != std::string::npos) {
        seen.family = 4;
        seen.source = after(line, "ip saddr");
        seen.destination = after(line, "ip daddr");
        seen.identification = static_cast<unsigned>(number(after(line, "ip id")));
        seen.length = static_cast<unsigned>(number(after(line, "ip length")));
        seen.protocol = protocol_number(after(line, "ip protocol"));
    } else if (line.find(" ip6 saddr ") != std::string::npos) {
        seen.family = 6;
        seen.source = after(line, "ip6 saddr");
        seen.destination = after(line, "ip6 daddr");
        seen.length = static_cast<unsigned>(number(after(line, "ip6 length"))) + 40;
        seen.protocol = protocol_number(after(line, "ip6 nexthdr"));
        seen.fragment = after(line, "ip6 nexthdr") == "ipv6-frag";
    }
    if (line.find(" arp operation ") != std::string::npos) {
        seen.family = arp;
        seen.protocol = after(line, "arp operation") == "request" ? 1 : 2;
        return seen;
    }
    // nft leaves out the protocol where the transport header that follows implies it.
    if (seen.protocol == 0)
        for (const auto& [mark, protocol] :
             {std::pair{" tcp sport ", 6}, std::pair{" udp sport ", 17},
              std::pair{" icmp type ", 1}, std::pair{" icmpv6 type ", 58}})
            if (line.find(mark) != std::string::npos)
                seen.protocol = protocol;
    seen.icmp_type = seen.family == 4 ? icmp_type(after(line, "icmp type"))
                                      : icmpv6_type(after(line, "icmpv6 type"));
    const char* transport = seen.protocol == 6 ? "tcp" : "udp";
    seen.source_port =
        static_cast<unsigned>(number(after(line, fmt::format("{} sport", transport))));
    seen.destination_port =
        static_cast<unsigned>(number(after(line, fmt::format("{} dport", transport))));
    return seen;
}

// The base chain that one packet is passing at the moment.
struct Passage {
    Key key;
    bool noise = false;
    Statement statement;
    std::string current;
    bool open = false;
};

class Reader {
  public:
    Reader(const Names& names, Evidence& evidence) : names_(names), evidence_(evidence) {}

    // "trace id 5a3b21c8 inet filter forward rule tcp dport 22 drop # handle 7 (verdict drop)"
    void take(const std::string& line) {
        if (line.find("ERROR") != std::string::npos || line.find("rror:") != std::string::npos)
            evidence_.complaints.push_back("nft monitor: " + line);
        if (line.rfind("trace id ", 0) != 0)
            return;
        ++evidence_.oracle_lines;
        std::istringstream words(line.substr(9));
        std::string id, family, table, chain, kind;
        words >> id >> family >> table >> chain >> kind;
        if (table == oracle_table)
            return;
        if (kind == "packet:")
            return begin(id, line, family + " " + table, chain);
        const auto found = passages_.find(id);
        if (found == passages_.end()) {
            evidence_.complaints.push_back("a trace without its packet: " + line);
            return;
        }
        Passage& passage = found->second;
        enter(passage, chain);
        if (kind == "policy") {
            std::string verdict;
            words >> verdict;
            return end(passage, true, 0, verdict);
        }
        if (kind == "rule")
            rule(passage, line);
    }

    void finish() {
        for (const auto& [id, passage] : passages_)
            if (passage.open && !passage.noise)
                evidence_.complaints.push_back(
                    "a trace without an end: " + passage.statement.text() + " of " + passage.key);
    }

  private:
    void begin(const std::string& id, const std::string& line, const std::string& table,
               const std::string& chain) {
        Passage& passage = passages_[id];
        if (passage.open)
            evidence_.complaints.push_back("a trace without an end: " + passage.statement.text() +
                                           " of " + passage.key);
        const Seen seen = seen_in_trace(line);
        passage = {names_.key(seen), Names::noise(seen), {}, chain, true};
        passage.statement.table = table;
        passage.statement.base = chain;
    }

    static void enter(Passage& passage, const std::string& chain) {
        std::vector<std::string>& path = passage.statement.path;
        if (passage.current == chain)
            return;
        while (!path.empty() && path.back() != chain)
            path.pop_back();
        if (!path.empty())
            path.pop_back();
        passage.current = chain;
    }

    void rule(Passage& passage, const std::string& line) {
        const std::size_t mark = line.rfind("# handle ");
        const std::size_t open = line.rfind(" (verdict ");
        if (open == std::string::npos)
            return;
        std::uint64_t handle = 0;
        if (mark != std::string::npos)
            handle = number(std::string_view(line).substr(mark + 9, open - mark - 9));
        std::istringstream words(line.substr(open + 10, line.rfind(')') - open - 10));
        std::string verdict, target;
        words >> verdict >> target;
        if (verdict == "jump" || verdict == "goto") {
            passage.statement.path.push_back(passage.current);
            passage.current = target;
        } else if (verdict == "accept" || verdict == "drop" || verdict == "queue" ||
                   verdict == "stolen") {
            end(passage, false, handle, verdict);
        }
    }

    void end(Passage& passage, bool policy, std::uint64_t handle, const std::string& verdict) {
        if (!passage.open)
            return;
        passage.open = false;
        Statement statement = passage.statement;
        statement.policy = policy;
        statement.rule = handle;
        statement.verdict = verdict;
        statement.chain = policy ? statement.base : passage.current;
        if (policy)
            statement.path.clear();
        if (!passage.noise)
            evidence_.nft[passage.key].push_back(statement);
    }

    const Names& names_;
    Evidence& evidence_;
    std::map<std::string, Passage> passages_;
};

bool decides(const nlohmann::json& statement) {
    for (const char* word :
         {"accept", "drop", "reject", "queue", "snat", "dnat", "masquerade", "redirect"})
        if (statement.contains(word))
            return true;
    return false;
}

} // namespace

void read_nft_trace(const std::string& text, const Names& names, Evidence& evidence) {
    Reader reader(names, evidence);
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        reader.take(line);
    reader.finish();
}

// Only rules whose counter stands right before a statement that decides: there it counts exactly
// the packets that the rule decided about.
void read_nft_counts(const std::string& json, Evidence& evidence) {
    const auto listing = nlohmann::json::parse(json, nullptr, false);
    if (!listing.is_object() || !listing.contains("nftables")) {
        evidence.complaints.emplace_back("nft -j list ruleset printed no JSON");
        return;
    }
    for (const auto& item : listing["nftables"]) {
        if (!item.contains("rule"))
            continue;
        const auto& rule = item["rule"];
        const auto& parts = rule["expr"];
        if (parts.size() < 2 || !decides(parts.back()) ||
            !parts[parts.size() - 2].contains("counter"))
            continue;
        RuleCount count;
        count.table = rule["family"].get<std::string>() + " " + rule["table"].get<std::string>();
        count.chain = rule["chain"].get<std::string>();
        count.rule = rule["handle"].get<std::uint64_t>();
        count.packets = parts[parts.size() - 2]["counter"].value("packets", std::uint64_t{0});
        count.text = parts.back().dump();
        evidence.counts.push_back(count);
    }
}

} // namespace nflab::witness
