// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/packet/build.hpp"
#include "harness/packet/checksum.hpp"
#include "harness/packet/hex.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace nflab::packet;

// The expected bytes were made by another program, from the RFCs alone.
namespace {

Bytes hex(const std::string& text) {
    return from_hex(text).value();
}

Bytes text(const std::string& payload) {
    return {payload.begin(), payload.end()};
}

Layer ipv4(std::uint32_t id) {
    Layer layer;
    layer.header = Header::ipv4;
    layer.numbers["id"] = id;
    layer.bytes["source"] = {192, 0, 2, 1};
    layer.bytes["destination"] = {198, 51, 100, 2};
    return layer;
}

Layer layer(Header header, std::map<std::string, std::uint32_t> numbers) {
    Layer made;
    made.header = header;
    made.numbers = std::move(numbers);
    return made;
}

std::string built(std::vector<Layer> layers, const Bytes& payload) {
    return to_hex(build(layers, payload));
}

} // namespace

TEST_CASE("a UDP datagram with fields of the IP header as they are written") {
    Layer ip = ipv4(0x1234);
    ip.numbers["ttl"] = 1;
    ip.numbers["dscp"] = 46;
    ip.numbers["ecn"] = 1;
    ip.numbers["df"] = 1;
    const Layer udp = layer(Header::udp, {{"source_port", 4000}, {"port", 53}});
    CHECK(built({ip, udp}, text("hello")) ==
          "45b900211234400001117aa8c0000201c63364020fa00035000dbff568656c6c6f");
}

TEST_CASE("a TCP segment with options in both headers") {
    Layer ip = ipv4(7);
    ip.bytes["options"] = {0x94, 4};
    Layer tcp = layer(Header::tcp, {{"source_port", 1024},
                                    {"port", 80},
                                    {"sequence", 0x01020304},
                                    {"acknowledgement", 5},
                                    {"flags", 0x12},
                                    {"window", 100}});
    tcp.bytes["options"] = {2, 4, 5, 0xb4};
    CHECK(built({ip, tcp}, text("x")) == "46000031000700004006f984c0000201c633640294040000040000500"
                                         "102030400000005601200642b1f00000204"
                                         "05b478");
}

TEST_CASE("echo requests of both families") {
    const Layer icmp = layer(Header::icmp, {{"id", 1}, {"sequence", 2}});
    CHECK(built({ipv4(9), icmp}, text("abc")) ==
          "4500001f0009000040018e9ec0000201c63364020800339a00010002616263");

    Layer ipv6 =
        layer(Header::ipv6, {{"hop_limit", 5}, {"dscp", 4}, {"ecn", 2}, {"flow_label", 0xabcde}});
    ipv6.bytes["source"] = hex("20010db8000000000000000000000001");
    ipv6.bytes["destination"] = hex("20010db8000000000000000000000002");
    const Layer icmpv6 = layer(Header::icmpv6, {{"id", 0x0102}, {"sequence", 3}});
    CHECK(built({ipv6, icmpv6}, text("ping!")) == "612abcde000d3a0520010db8000000000000000000000001"
                                                  "20010db80000000000000000000000028000236d0102"
                                                  "000370696e6721");
}

TEST_CASE("SCTP has a checksum of its own and chunks instead of a payload") {
    const std::string digits = "123456789";
    const Bytes bytes = text(digits);
    CHECK(crc32c(bytes) == 0x839206e3);

    Layer sctp = layer(Header::sctp, {{"source_port", 5060}, {"port", 5061}, {"tag", 0xdeadbeef}});
    sctp.bytes["chunks"] = hex("06 00 00 08 00 01 00 04");
    CHECK(built({ipv4(3), sctp}, text("ignored")) ==
          "450000280003000040848e18c0000201c633640213c413c5deadbeef7b0bcc610600000800010004");
}

TEST_CASE("an ARP request behind a VLAN tag") {
    Layer ethernet = layer(Header::ethernet, {{"vlan", 0x2005}});
    ethernet.bytes["source"] = {2, 0, 0, 0, 0, 1};
    ethernet.bytes["destination"] = Bytes(6, 0xff);
    Layer arp = layer(Header::arp, {});
    arp.bytes["sender_mac"] = {2, 0, 0, 0, 0, 1};
    arp.bytes["sender"] = {10, 0, 0, 1};
    arp.bytes["target"] = {10, 0, 0, 2};
    CHECK(built({ethernet, arp}, {}) == "ffffffffffff0200000000018100200508060001080006040001020000"
                                        "0000010a0000010000000000000a000002");
}

TEST_CASE("what is written stands there, however wrong, and so do the bits beside it") {
    Layer ip = ipv4(1);
    ip.numbers["version"] = 15;
    ip.numbers["header_length"] = 60;
    ip.numbers["length"] = 3;
    ip.numbers["reserved"] = 1;
    ip.numbers["offset"] = 65'528;
    ip.numbers["protocol"] = 253;
    ip.numbers["checksum"] = 0xabcd;
    const Bytes packet = build(std::vector<Layer>{ip}, {});
    CHECK(to_hex(packet) == "ff000003"
                            "00019fff"
                            "40fdabcd"
                            "c0000201"
                            "c6336402");
}

TEST_CASE("a bad checksum is not the right one") {
    for (const Header header : {Header::tcp, Header::udp, Header::icmp, Header::sctp}) {
        Layer wrong = layer(header, {});
        const Bytes sound = build(std::vector<Layer>{ipv4(1), wrong}, {});
        wrong.bad_checksum = true;
        CHECK(build(std::vector<Layer>{ipv4(1), wrong}, {}) != sound);
    }
    Layer ip = ipv4(1);
    ip.bad_checksum = true;
    Bytes packet = build(std::vector<Layer>{ip}, {});
    CHECK(internet_checksum(packet) != 0);
    CHECK(internet_checksum(build(std::vector<Layer>{ipv4(1)}, {})) == 0);
}

TEST_CASE("a datagram is cut into fragments") {
    Bytes payload;
    for (std::uint8_t i = 0; i < 20; ++i)
        payload.push_back(i);
    const Layer udp = layer(Header::udp, {{"source_port", 1}, {"port", 2}});
    const Bytes whole = build(std::vector<Layer>{ipv4(77), udp}, payload);
    const auto fragments = fragment(whole, pieces_of(28, 16), 0);
    REQUIRE(fragments.size() == 2);
    CHECK(to_hex(fragments[0]) ==
          "45000024004d200040116e45c0000201c633640200010002001cb9170001020304050607");
    CHECK(to_hex(fragments[1]) ==
          "45000020004d000240118e47c0000201c633640208090a0b0c0d0e0f10111213");
}

TEST_CASE("fragments overlap and lie as they are told to") {
    Layer ipv6 = layer(Header::ipv6, {});
    const Layer udp = layer(Header::udp, {{"port", 2}});
    const Bytes whole = build(std::vector<Layer>{ipv6, udp}, Bytes(24, 'x'));
    const auto fragments =
        fragment(whole, {{0, 16, {}, {}}, {8, 16, 64, false}, {100, 0, {}, {}}}, 0x01020304);
    REQUIRE(fragments.size() == 3);
    // Next header 17, offset and the bit that more follow, identification.
    CHECK(to_hex(Bytes(fragments[0].begin() + 40, fragments[0].begin() + 48)) ==
          "1100000101020304");
    CHECK(to_hex(Bytes(fragments[1].begin() + 40, fragments[1].begin() + 48)) ==
          "1100004001020304");
    CHECK(fragments[0][6] == 44);
    CHECK(fragments[0].size() == 40 + 8 + 16);
    CHECK(fragments[0][5] == 24);
    CHECK(fragments[2].size() == 48);
    // What is no IP packet has no fragments.
    CHECK(fragment(Bytes(10), pieces_of(8, 8), 1).empty());
}

TEST_CASE("hexadecimal with anything between pairs, and nothing else") {
    CHECK(from_hex("45 00:0aFF\n") == Bytes{0x45, 0, 0x0a, 0xff});
    CHECK(from_hex("") == Bytes{});
    CHECK_FALSE(from_hex("450"));
    CHECK_FALSE(from_hex("4 5"));
    CHECK_FALSE(from_hex("0x45"));
}
