// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/packet_filter.hpp"

#include "harness/scenario/suggest.hpp"

#include <fmt/format.h>

#include <set>
#include <sstream>

namespace nflab::scenario {

namespace {

class FilterReader {
  public:
    FilterReader(Reading& reading, const Text& text) : reading_(reading), text_(text) {}

    PacketFilter read() {
        std::istringstream words(text_.text);
        std::string word;
        while (words >> word) {
            if (!seen_.insert(word).second) {
                complain(fmt::format("'{}' stands twice in the packet filter", word),
                         "write each word once");
                break;
            }
            if (word == "icmp" || word == "tcp" || word == "udp" || word == "sctp" || word == "arp")
                read_protocol(word);
            else if (word == "sport" || word == "dport" || word == "from" || word == "to" ||
                     word == "length")
                read_pair(word, words);
            else {
                complain(fmt::format("unknown word '{}' in the packet filter", word),
                         suggest(word, {"icmp", "tcp", "udp", "sctp", "arp", "sport", "dport",
                                        "from", "to", "length"}));
                break;
            }
        }
        if (filter_.protocol == Protocol::arp && (filter_.source_port || filter_.destination_port))
            complain("no arp packet has a port", "leave the port out");
        if (filter_.protocol == Protocol::icmp && (filter_.source_port || filter_.destination_port))
            complain("no icmp packet has a port", "write tcp or udp, or leave the port out");
        return filter_;
    }

  private:
    void complain(const std::string& message, const std::string& hint) {
        reading_.problems.add(text_.where, message, hint);
    }

    void read_protocol(const std::string& word) {
        if (filter_.protocol)
            complain(fmt::format("the packet filter has two protocols, the second is '{}'", word),
                     "write one; without any, every protocol is meant");
        filter_.protocol = word == "icmp"   ? Protocol::icmp
                           : word == "tcp"  ? Protocol::tcp
                           : word == "udp"  ? Protocol::udp
                           : word == "sctp" ? Protocol::sctp
                                            : Protocol::arp;
    }

    void read_pair(const std::string& word, std::istringstream& words) {
        std::string operand;
        if (!(words >> operand)) {
            complain(fmt::format("nothing follows '{}' in the packet filter", word),
                     word.find("port") != std::string::npos ? "write a port number"
                     : word == "length"                     ? "write a number of bytes"
                                                            : "write an address or a node");
        } else if (word == "length") {
            filter_.length = read_length(operand);
        } else if (word == "sport") {
            filter_.source_port = read_port(operand);
        } else if (word == "dport") {
            filter_.destination_port = read_port(operand);
        } else if (word == "from") {
            filter_.from = read_host(reading_, {operand, text_.where});
        } else {
            filter_.to = read_host(reading_, {operand, text_.where});
        }
    }

    std::optional<std::uint32_t> read_length(const std::string& operand) {
        const auto length = parse_integer(operand);
        if (length && *length >= 20 && *length <= 65'535)
            return static_cast<std::uint32_t>(*length);
        complain(fmt::format("'{}' is not a packet's length", operand),
                 "write bytes, from 20 to 65535: the IP header and all behind it");
        return std::nullopt;
    }

    std::optional<std::uint16_t> read_port(const std::string& operand) {
        const auto port = parse_integer(operand);
        if (port && *port >= 1 && *port <= 65'535)
            return static_cast<std::uint16_t>(*port);
        complain(fmt::format("'{}' is not a port", operand), "write a number from 1 to 65535");
        return std::nullopt;
    }

    Reading& reading_;
    const Text& text_;
    PacketFilter filter_;
    std::set<std::string> seen_;
};

} // namespace

PacketFilter read_packet_filter(Reading& reading, const Text& text) {
    return FilterReader(reading, text).read();
}

} // namespace nflab::scenario
