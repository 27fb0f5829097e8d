// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/icmp.hpp"
#include "tests/catch.hpp"

#include <cerrno>
#include <random>

using namespace nflab::traffic;

namespace {

std::string ipv4_header(unsigned char protocol) {
    std::string header(20, '\0');
    header[0] = 0x45;
    header[9] = static_cast<char>(protocol);
    return header;
}

std::string ipv6_header(unsigned char protocol) {
    std::string header(40, '\0');
    header[0] = 0x60;
    header[6] = static_cast<char>(protocol);
    return header;
}

unsigned sum_of_words(std::string_view bytes) {
    unsigned sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        sum += static_cast<unsigned char>(bytes[i]) << (i % 2 == 0 ? 8U : 0U);
    while (sum >> 16U != 0)
        sum = (sum & 0xffffU) + (sum >> 16U);
    return sum;
}

} // namespace

TEST_CASE("an echo request") {
    const std::string request = make_echo_request(Family::v4, 0x1234, 7, "odd");
    CHECK(request.substr(0, 2) == std::string("\x08\0", 2));
    CHECK(request.substr(4) == std::string("\x12\x34\0\x07odd", 7));
    CHECK(sum_of_words(request) == 0xffff);
    CHECK(static_cast<unsigned char>(make_echo_request(Family::v6, 1, 1, "")[0]) == 128);
}

TEST_CASE("an echo reply, with its header on v4 and without on v6") {
    std::string reply = make_echo_request(Family::v4, 0x1234, 7, "data");
    reply[0] = 0;
    const std::string packet = ipv4_header(1) + reply;
    const auto v4 = parse_answer(Family::v4, packet);
    const auto* echo = std::get_if<EchoReply>(&v4);
    REQUIRE(echo);
    CHECK(echo->id == 0x1234);
    CHECK(echo->sequence == 7);
    CHECK(echo->payload == "data");

    reply[0] = static_cast<char>(129);
    const auto v6 = parse_answer(Family::v6, reply);
    CHECK(std::holds_alternative<EchoReply>(v6));
}

TEST_CASE("an error quotes the request") {
    const std::string request = make_echo_request(Family::v4, 0x1234, 7, "");
    const std::string error = std::string("\x03\x0d\0\0\0\0\0\0", 8) + ipv4_header(1) + request;
    const auto v4 = parse_answer(Family::v4, ipv4_header(1) + error);
    const auto* found = std::get_if<EchoError>(&v4);
    REQUIRE(found);
    CHECK(found->id == 0x1234);
    CHECK(found->sequence == 7);
    CHECK(found->type == 3);
    CHECK(found->code == 13);

    const std::string error6 = std::string("\x01\x04\0\0\0\0\0\0", 8) + ipv6_header(58) +
                               make_echo_request(Family::v6, 5, 6, "");
    const auto v6 = parse_answer(Family::v6, error6);
    const auto* found6 = std::get_if<EchoError>(&v6);
    REQUIRE(found6);
    CHECK(found6->id == 5);
}

TEST_CASE("errors about other packets, requests and short bytes are nothing") {
    const std::string about_udp =
        std::string("\x03\x03\0\0\0\0\0\0", 8) + ipv4_header(17) + std::string(8, '\0');
    CHECK(parse_answer(Family::v4, ipv4_header(1) + about_udp).index() == 0);
    CHECK(parse_answer(Family::v4, ipv4_header(1) + make_echo_request(Family::v4, 1, 1, ""))
              .index() == 0);
    std::mt19937 random(1);
    for (int round = 0; round < 5000; ++round) {
        std::string bytes(random() % 80, '\0');
        for (char& byte : bytes)
            byte = static_cast<char>(random());
        parse_answer(Family::v4, bytes);
        parse_answer(Family::v6, bytes);
    }
}

TEST_CASE("errors have an errno and words") {
    CHECK(errno_of(Family::v4, 3, 3) == ECONNREFUSED);
    CHECK(errno_of(Family::v4, 3, 13) == EHOSTUNREACH);
    CHECK(errno_of(Family::v4, 3, 200) == EHOSTUNREACH);
    CHECK(errno_of(Family::v6, 1, 4) == ECONNREFUSED);
    CHECK(errno_of(Family::v6, 1, 1) == EACCES);
    CHECK(errno_of(Family::v6, 2, 0) == EMSGSIZE);
    CHECK(std::string(describe(Family::v4, 11, 0)) == "time exceeded");
    CHECK(std::string(describe(Family::v6, 3, 0)) == "time exceeded");
    CHECK(std::string(describe(Family::v4, 3, 1)) == "host unreachable");
    CHECK(std::string(describe(Family::v4, 3, 99)) == "destination unreachable");
}
