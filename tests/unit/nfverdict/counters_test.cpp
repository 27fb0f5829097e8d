// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/drops/counters.hpp"
#include "tests/catch.hpp"

#include <sstream>

using namespace nflab::nfverdict;

TEST_CASE("counters are read in the kernel's three ways to write them") {
    Counters counters;
    std::istringstream snmp("Ip: Forwarding FragFails\nIp: 1 7\nUdp: NoPorts\nUdp: 3\n");
    parse_snmp(snmp, counters);
    std::istringstream pairs("Ip6InTooBigErrors               \t4\nXfrmInPolBlock 2\n");
    parse_pairs(pairs, counters);
    std::istringstream per_cpu("entries drop insert_failed\n00000001 00000010 00000001\n"
                               "00000001 00000001 00000000\n");
    parse_per_cpu(per_cpu, "conntrack", counters);
    CHECK(counters["Ip.FragFails"] == 7);
    CHECK(counters["Udp.NoPorts"] == 3);
    CHECK(counters["Ip6InTooBigErrors"] == 4);
    CHECK(counters["XfrmInPolBlock"] == 2);
    CHECK(counters["conntrack.drop"] == 17);
    CHECK(counters["conntrack.insert_failed"] == 1);
}

TEST_CASE("a watch tells what has moved and has not been accounted for") {
    CounterWatch watch;
    watch.update({{"a", 5}, {"b", 1}});
    watch.forget();
    watch.update({{"a", 7}, {"b", 1}});
    CHECK(watch.moved("a") == 2);
    CHECK(watch.moved("b") == 0);
    CHECK(watch.moved("c") == 0);
    watch.take("a");
    CHECK(watch.moved("a") == 1);
    watch.update({{"a", 8}, {"b", 1}});
    CHECK(watch.moved("a") == 2);
    watch.forget();
    watch.update({{"a", 8}, {"b", 2}});
    CHECK(watch.moved("a") == 0);
    CHECK(watch.moved("b") == 1);
}
