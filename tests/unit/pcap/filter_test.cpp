// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/pcap/filter.hpp"
#include "harness/pcap/filter_words.hpp"
#include "tests/catch.hpp"

#include <stdexcept>
#include <string>

using namespace nflab;

namespace {

std::optional<std::string> address_of(const std::string& name) {
    return name == "client" ? std::optional<std::string>("10.0.0.2") : std::nullopt;
}

// Ethernet, IPv4 192.0.2.1 to 198.51.100.2, UDP 4000 to 53.
pcap::Packet datagram() {
    const std::string bytes("\2\0\0\0\0\1\2\0\0\0\0\2\x08\0"
                            "\x45\0\0\x1c\0\1\0\0\x40\x11\0\0\xc0\0\2\1\xc6\x33\x64\2"
                            "\x0f\xa0\0\x35\0\x08\0\0",
                            42);
    return {{}, 42, {bytes.begin(), bytes.end()}};
}

} // namespace

TEST_CASE("names of nodes become addresses, and the language stays as it is") {
    for (const std::string filter :
         {"icmp[icmptype] == icmp-echo", "tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn",
          "ether host 02:00:00:00:00:01", "net 10.0.0.0/8 and not port domain",
          "ip6 and host fd00::1", "udp dst portrange 1-100", "greater 100", "ip[8] == 0x01"}) {
        const auto words = pcap::replace_names(filter, address_of);
        CHECK(words.unknown.empty());
        CHECK(words.expression == filter);
        CHECK_NOTHROW(pcap::Filter(filter));
    }
    CHECK(pcap::replace_names("src host client and tcp", address_of).expression ==
          "src host 10.0.0.2 and tcp");
    CHECK(pcap::replace_names("host client or host example", address_of).unknown == "example");
}

TEST_CASE("a filter matches packets") {
    const pcap::Packet packet = datagram();
    CHECK(pcap::Filter("").matches(packet));
    CHECK(pcap::Filter("udp dst port 53 and src host 192.0.2.1").matches(packet));
    CHECK_FALSE(pcap::Filter("udp dst port 54").matches(packet));
    CHECK_THROWS_AS(pcap::Filter("and and"), std::invalid_argument);
}

TEST_CASE("files are read as far as they go") {
    std::string file("\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0", 24);
    file += std::string("\1\0\0\0\2\0\0\0\4\0\0\0\7\0\0\0abcd", 20);
    const auto read = pcap::read(file);
    REQUIRE(read.packets.size() == 1);
    CHECK(read.link_type == pcap::ethernet);
    CHECK(read.packets[0].time == std::chrono::seconds(1) + std::chrono::microseconds(2));
    CHECK(read.packets[0].length == 7);
    CHECK(read.packets[0].bytes.size() == 4);
    CHECK(pcap::read(file + "cut short").packets.size() == 1);
    CHECK_THROWS_AS(pcap::read(""), std::invalid_argument);
    CHECK_THROWS_AS(pcap::read("no capture at all, but long enough to be one"),
                    std::invalid_argument);
}
