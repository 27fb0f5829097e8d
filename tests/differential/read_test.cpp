// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/differential/evidence.hpp"

using namespace nflab::witness;

TEST_CASE("nft monitor trace: the last word of each base chain, with its jump path") {
    const Names names({});
    Evidence evidence;
    read_nft_trace(
        "trace id 1 ip f base packet: iif \"lan0\" ip saddr 192.0.2.1 ip daddr 192.0.2.2 ip id 7 "
        "ip "
        "length 60 tcp sport 5 tcp dport 80 \n"
        "trace id 1 ip f base rule counter packets 0 bytes 0 jump a # handle 8 (verdict jump a)\n"
        "trace id 1 ip f a rule return # handle 5 (verdict return)\n"
        "trace id 1 ip f base rule jump b # handle 9 (verdict jump b)\n"
        "trace id 1 ip f b rule drop comment \"# handle 3\" # handle 0x11 (verdict drop)\n"
        "trace id 2 inet w in packet: iif \"lan0\" ip6 saddr fd00::1 ip6 daddr fd00::2 ip6 nexthdr "
        "udp "
        "ip6 length 20 udp sport 1 udp dport 2 \n"
        "trace id 2 inet w in policy accept \n",
        names, evidence);
    CHECK(evidence.complaints.empty());
    REQUIRE(evidence.nft.size() == 2);
    const auto& first = evidence.nft.begin()->second.front();
    CHECK(first.text() == "ip f base [base] b rule 17: drop");
    CHECK(evidence.nft.rbegin()->second.front().text() == "inet w in policy: accept");
}

TEST_CASE("nft monitor trace: what is missing is noticed") {
    const Names names({});
    Evidence evidence;
    read_nft_trace("trace id 1 ip f base policy accept \n", names, evidence);
    CHECK(evidence.complaints.size() == 1);
    read_nft_trace("trace id 1 ip f base packet: ip saddr 192.0.2.1 ip daddr 192.0.2.2 \n", names,
                   evidence);
    CHECK(evidence.complaints.size() == 2);
    read_nft_trace("# ERROR: We lost some netlink events!\n", names, evidence);
    CHECK(evidence.complaints.size() == 3);
}

TEST_CASE("iptables-save -c: rules are numbered by chain") {
    Evidence evidence;
    read_xt_counts("*filter\n:INPUT DROP [3:180]\n:sub - [0:0]\n[1:60] -A INPUT -j sub\n"
                   "[2:120] -A INPUT -p tcp -j DROP\nCOMMIT\n",
                   Engine::iptables, evidence);
    REQUIRE(evidence.counts.size() == 3);
    CHECK(evidence.counts[0].packets == 3);
    CHECK(evidence.counts[2].rule == 2);
    CHECK(evidence.counts[2].packets == 2);
    CHECK(evidence.counts[2].text == "-A INPUT -p tcp -j DROP");
}

TEST_CASE("conntrack -L: both directions of an entry") {
    Evidence evidence;
    read_conntrack(
        "tcp      6 119 SYN_SENT src=192.0.2.1 dst=192.0.2.2 sport=5 dport=80 [UNREPLIED] "
        "src=192.0.2.2 dst=198.51.100.1 sport=80 dport=5 mark=0 use=1\n",
        evidence);
    REQUIRE(evidence.flows.size() == 1);
    CHECK(evidence.flows.begin()->first.destination_port == 80);
    CHECK(evidence.flows.begin()->second.destination == "198.51.100.1");
}

TEST_CASE("conntrack -L: an echo's id is its port") {
    Evidence evidence;
    read_conntrack("icmp     1 29 src=192.0.2.1 dst=192.0.2.2 type=8 code=0 id=7 [UNREPLIED] "
                   "src=192.0.2.2 dst=198.51.100.1 type=0 code=0 id=9 mark=0 use=1\n",
                   evidence);
    REQUIRE(evidence.flows.size() == 1);
    CHECK(evidence.flows.begin()->first == Flow{1, "192.0.2.1", "192.0.2.2", 7, 0});
    CHECK(evidence.flows.begin()->second == Flow{1, "192.0.2.2", "198.51.100.1", 9, 0});
}

TEST_CASE("conntrack -S: all processors together") {
    const ConntrackDrops drops = read_conntrack_drops(
        "cpu=0 \tfound=1 invalid=2 insert=0 insert_failed=3 drop=4 early_drop=9\n"
        "cpu=1 \tfound=1 invalid=2 insert=0 insert_failed=1 drop=2 early_drop=9\n");
    CHECK(drops.dropped == 6);
    CHECK(drops.insert_failed == 4);
}

TEST_CASE("nft monitor trace: ARP, and headers that nft does not take apart") {
    const Names names({});
    Evidence evidence;
    read_nft_trace(
        "trace id 1 arp t in packet: iif \"lan0\" ether saddr 02:00:00:00:00:01 arp operation "
        "request \n"
        "trace id 1 arp t in policy accept \n"
        "trace id 2 netdev t out packet: oif \"p2\" "
        "@nh,0,160 0x450000ca000300004011648a0a4d00670a4d0096 "
        "@th,0,160 0x4e23005000b6f4cd57544e530003000000000000 \n"
        "trace id 2 netdev t out policy accept \n",
        names, evidence);
    CHECK(evidence.complaints.empty());
    REQUIRE(evidence.nft.size() == 2);
    CHECK(evidence.nft.count("arp operation 1") == 1);
    CHECK(evidence.nft.count(
              "4 protocol 17 10.77.0.103 20003 > 10.77.0.150 80 type -1 length 202") == 1);
}

TEST_CASE("arptables -L -v and ebtables -L --Lc: rules are numbered by chain") {
    Evidence evidence;
    read_frame_counts("*filter\nChain INPUT (policy DROP 4 packets, 112 bytes)\n"
                      "-j sub -i * -o * , pcnt=3 -- bcnt=84\n"
                      "-j DROP -i * -o * -s 10.0.0.9 , pcnt=2 -- bcnt=56\n"
                      "Chain sub (1 references)\n",
                      Engine::arptables, evidence);
    REQUIRE(evidence.counts.size() == 3);
    CHECK(evidence.counts[0].packets == 4);
    CHECK(evidence.counts[2].rule == 2);
    CHECK(evidence.counts[2].packets == 2);
    evidence.counts.clear();
    read_frame_counts("*nat\nBridge table: nat\n\nBridge chain: PREROUTING, entries: 1, policy: "
                      "ACCEPT\n-p ARP -j DROP , pcnt = 7 -- bcnt = 84\n",
                      Engine::ebtables, evidence);
    REQUIRE(evidence.counts.size() == 1);
    CHECK(evidence.counts[0].table == "nat");
    CHECK(evidence.counts[0].chain == "PREROUTING");
    CHECK(evidence.counts[0].packets == 7);
}

TEST_CASE("nft monitor trace: a fragment of IPv6 has the name that its record has") {
    const Names names({});
    Evidence evidence;
    read_nft_trace("trace id 1 inet t in packet: iif \"lan0\" ip6 saddr fd00::1 ip6 daddr fd00::2 "
                   "ip6 nexthdr ipv6-frag ip6 length 80 @th,0,160 0x4e6901bb01400ac1 \n"
                   "trace id 1 inet t in policy accept \n",
                   names, evidence);
    REQUIRE(evidence.nft.size() == 1);
    nflab::verdict::Packet packet;
    packet.family = 10;
    packet.protocol = 17;
    packet.source = "fd00::1";
    packet.destination = "fd00::2";
    packet.source_port = 20073;
    packet.more_fragments = true;
    packet.length = 120;
    CHECK(names.key(seen_in(packet)) == evidence.nft.begin()->first);
}

TEST_CASE("capture: what the router says by itself is no packet of the test") {
    Shot shot;
    shot.packet.family = 6;
    shot.packet.uid = 3;
    shot.packet.protocol = 58;
    shot.packet.padding = 100;
    const std::vector<Shot> shots{shot};
    const Names names(shots);
    Evidence evidence;
    CaptureReader reader(names, evidence);
    Bytes bytes = frame({}, {}, build(shot.packet));
    const auto take = [&] {
        reader.take("c " + std::to_string(bytes.size()) + " " + to_hex(bytes.data(), bytes.size()));
    };
    constexpr std::size_t type = 14 + 40;
    bytes[type] = 137; // a redirect, which may be as long as an echo
    take();
    CHECK(evidence.captured.empty());
    bytes[type] = 128;
    take();
    CHECK(evidence.captured.size() == 1);
}
