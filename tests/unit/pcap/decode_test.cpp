// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/packet/hex.hpp"
#include "harness/pcap/decode.hpp"
#include "harness/verdict/packet.hpp"
#include "tests/catch.hpp"

#include <pcap/dlt.h>

using namespace nflab;

namespace {

const std::string udp = "4500001c0001000040110000c0000201c6336402 0fa00035 00080000";

pcap::Packet packet(const std::string& hex) {
    return {{}, 0, packet::from_hex(hex).value()};
}

std::string described(const std::string& hex, int link_type) {
    return verdict::describe(pcap::decode(packet(hex), link_type));
}

} // namespace

TEST_CASE("packets are told by their headers, whatever the link") {
    const std::string words = "udp 192.0.2.1:4000 -> 198.51.100.2:53";
    CHECK(described("020000000001 020000000002 0800" + udp, DLT_EN10MB) == words);
    CHECK(described("020000000001 020000000002 8100 0005 0800" + udp, DLT_EN10MB) == words);
    CHECK(described("0000 0001 0006 020000000002 0000 0800" + udp, DLT_LINUX_SLL) == words);
    CHECK(described("0800 0000 00000003 0001 00 06 0200000000020000" + udp, DLT_LINUX_SLL2) ==
          words);
    CHECK(described(udp, DLT_RAW) == words);
    const auto arp = "ffffffffffff 020000000001 0806 0001080006040001 020000000001 0a000001 "
                     "000000000000 0a000002";
    CHECK(described(arp, DLT_EN10MB) == "arp request 10.0.0.1 -> 10.0.0.2");
}

TEST_CASE("what is too short, or of an unknown kind, is not guessed at") {
    CHECK(described("0200", DLT_EN10MB) == "frame");
    CHECK(described(udp, DLT_NULL) == "frame");
}
