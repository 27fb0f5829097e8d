// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/packet/packet_filter.hpp"
#include "guest/nfverdict/records/record_filter.hpp"
#include "harness/base/error.hpp"
#include "tests/catch.hpp"

#include <linux/if_ether.h>

#include <algorithm>
#include <vector>

using namespace nflab::nfverdict;

namespace {

// 10.0.0.1:40000 -> 10.0.0.2:22, a TCP SYN.
nfv_event event() {
    const std::vector<std::uint8_t> header{
        0x45, 0,    0, 40, 0, 1, 0x40, 0, 64, 6, 0, 0, 10,   0,    0, 1, 10, 0, 0, 2,
        0x9c, 0x40, 0, 22, 0, 0, 0,    1, 0,  0, 0, 0, 0x50, 0x02, 0, 0, 0,  0, 0, 0};
    nfv_event out{};
    out.pf = NFPROTO_IPV4;
    out.protocol = ETH_P_IP;
    out.length = 40;
    out.header_length = 40;
    std::copy(header.begin(), header.end(), out.header);
    return out;
}

bool matches(const char* expression, const nfv_event& event) {
    return PacketFilter(expression).matches(event);
}

} // namespace

TEST_CASE("a filter as tcpdump takes it is held against the copied header") {
    CHECK(matches("", event()));
    CHECK(matches("tcp port 22 and host 10.0.0.1", event()));
    CHECK(matches("dst net 10.0.0.0/24", event()));
    CHECK(matches("tcp[tcpflags] & tcp-syn != 0", event()));
    CHECK_FALSE(matches("udp", event()));
    CHECK_FALSE(matches("tcp port 23", event()));
    CHECK_FALSE(matches("ip6", event()));
    CHECK_FALSE(matches("arp", event()));
}

TEST_CASE("bytes that were not copied do not match") {
    nfv_event cut = event();
    cut.header_length = 20;
    CHECK_FALSE(matches("tcp port 22", cut));
    CHECK(matches("host 10.0.0.2", cut));
}

TEST_CASE("frames of a bridge have their addresses and protocol") {
    nfv_event frame = event();
    frame.pf = NFPROTO_BRIDGE;
    frame.has_mac = 1;
    frame.mac[5] = 1;
    frame.mac[11] = 2;
    CHECK(matches("ether dst 00:00:00:00:00:01", frame));
    CHECK(matches("tcp dst port 22", frame));
    CHECK_FALSE(matches("ether src 00:00:00:00:00:01", frame));
    frame.protocol = ETH_P_ARP;
    CHECK(matches("arp", frame));
    CHECK_FALSE(matches("tcp", frame));
}

TEST_CASE("what is no filter is refused with libpcap's words") {
    try {
        const PacketFilter filter("tcp prot 22");
        FAIL("it was taken");
    } catch (const nflab::Error& error) {
        CHECK(error.failure() == nflab::Failure::bad_input);
        CHECK(std::string(error.what()).find("syntax error") != std::string::npos);
    }
}

TEST_CASE("records are chosen by verdict, hook and namespace") {
    nflab::verdict::Record record;
    record.verdict = "drop";
    record.hook = "input";
    record.netns = 7;
    RecordFilter filter;
    CHECK(filter.matches(record));
    filter.verdicts = {"reject", "drop"};
    filter.hooks = {"input"};
    filter.netns = 7;
    CHECK(filter.matches(record));
    filter.netns = 8;
    CHECK_FALSE(filter.matches(record));
    filter.netns.reset();
    filter.hooks = {"forward"};
    CHECK_FALSE(filter.matches(record));
}
