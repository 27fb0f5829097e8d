// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/options.hpp"
#include "tests/catch.hpp"

using namespace nflab::traffic;

namespace {

std::string error_of(const std::vector<std::string>& arguments) {
    const Options options = parse_options(arguments);
    const auto* error = std::get_if<UsageError>(&options);
    return error != nullptr ? error->message : std::string{};
}

} // namespace

TEST_CASE("ping with everything") {
    const Options options =
        parse_options({"ping", "--to", "192.0.2.1", "--source", "192.0.2.2", "--count", "3",
                       "--interval=0.5", "--timeout", "1500", "--size", "1000"});
    const auto* send = std::get_if<SendOptions>(&options);
    REQUIRE(send);
    CHECK(send->protocol == Protocol::icmp);
    CHECK(send->to == "192.0.2.1");
    CHECK(send->source == "192.0.2.2");
    CHECK(send->count == 3);
    CHECK(send->interval == std::chrono::microseconds(500));
    CHECK(send->timeout == std::chrono::milliseconds(1500));
    CHECK(send->size == 1000);
}

TEST_CASE("udp and tcp with their ports") {
    const Options options =
        parse_options({"tcp", "--to", "::1", "--port", "80", "--source-port", "4000"});
    const auto* send = std::get_if<SendOptions>(&options);
    REQUIRE(send);
    CHECK(send->protocol == Protocol::tcp);
    CHECK(send->port == 80);
    CHECK(send->source_port == 4000);
}

TEST_CASE("serve several ports") {
    const Options options = parse_options({"serve", "--tcp", "1", "--udp", "2", "--tcp", "65535"});
    const auto* serve = std::get_if<ServeOptions>(&options);
    REQUIRE(serve);
    CHECK(serve->tcp == std::vector<std::uint16_t>{1, 65535});
    CHECK(serve->udp == std::vector<std::uint16_t>{2});
}

TEST_CASE("flood with everything") {
    const Options options =
        parse_options({"flood", "--to", "192.0.2.1", "--netns", "/run/netns/x", "--port", "7",
                       "--count", "5000000", "--rate=20000", "--size", "100"});
    const auto* flood = std::get_if<FloodOptions>(&options);
    REQUIRE(flood);
    CHECK(flood->to == "192.0.2.1");
    CHECK(flood->netns == "/run/netns/x");
    CHECK(flood->port == 7);
    CHECK(flood->count == 5000000);
    CHECK(flood->rate == 20000);
    CHECK(flood->size == 100);
    CHECK(error_of({"flood"}) == "--to is missing: the address to send to");
    CHECK_FALSE(error_of({"flood", "--to", "::1", "--size", "1401"}).empty());
    CHECK_FALSE(error_of({"flood", "--to", "::1", "--source", "::1"}).empty());
}

TEST_CASE("nftraffic judge needs a queue") {
    const auto options =
        parse_options({"judge", "--queue", "7", "--verdict", "drop", "--hold", "2"});
    REQUIRE(std::holds_alternative<JudgeOptions>(options));
    CHECK(std::get<JudgeOptions>(options).queue == 7);
    CHECK_FALSE(std::get<JudgeOptions>(options).accept);
    CHECK(std::get<JudgeOptions>(options).hold == 2);
    CHECK(error_of({"judge"}) == "--queue is missing: the number of the queue to listen on");
    CHECK(error_of({"judge", "--queue", "7", "--verdict", "maybe"}) ==
          "--verdict maybe: must be accept or drop");
}

TEST_CASE("wrong command lines are told apart") {
    CHECK(error_of({}) ==
          "what to do is missing: ping, udp, tcp, sctp, serve, flood, frames or judge");
    CHECK(error_of({"pong"}) ==
          "'pong' is not one of ping, udp, tcp, sctp, serve, flood, frames, judge");
    CHECK(error_of({"ping"}) == "--to is missing: the address to send to");
    CHECK(error_of({"udp", "--to", "::1"}) == "--port is missing: the port to send to");
    CHECK(error_of({"ping", "--to"}) == "--to needs a value");
    CHECK(error_of({"ping", "--to", "::1", "--port", "1"}) == "there is no option --port here");
    CHECK(error_of({"ping", "--to", "::1", "--count", "0"}) ==
          "--count 0: must be a number from 1 to 100000");
    CHECK_FALSE(error_of({"ping", "--to", "::1", "--count", "100001"}).empty());
    CHECK_FALSE(error_of({"ping", "--to", "::1", "--count", "3x"}).empty());
    CHECK_FALSE(error_of({"ping", "--to", "::1", "--interval", "0.04"}).empty());
    CHECK_FALSE(error_of({"ping", "--to", "::1", "--interval", "nan"}).empty());
    CHECK_FALSE(error_of({"ping", "--to", "::1", "--timeout", "inf"}).empty());
    CHECK_FALSE(error_of({"ping", "--to", "::1", "--timeout", "0"}).empty());
    CHECK_FALSE(error_of({"ping", "--to", "::1", "--size", "20"}).empty());
    CHECK_FALSE(error_of({"udp", "--to", "::1", "--port", "65536"}).empty());
    CHECK_FALSE(error_of({"serve"}).empty());
    CHECK_FALSE(error_of({"serve", "--tcp", "0"}).empty());
    CHECK_FALSE(
        error_of({"tcp", "--to", "::1", "--port", "1", "--source-port", "65535", "--count", "2"})
            .empty());
    CHECK(error_of({"udp", "--to", "::1", "--port", "1", "--source-port", "65535", "--count", "2"})
              .empty());
}

TEST_CASE("frames with everything") {
    const Options options = parse_options({"frames", "--interface", "eth0", "--hold", "tcp:4000",
                                           "--hold", "sctp:7", "--linger", "500", "--quiet", "1"});
    const auto* frames = std::get_if<FramesOptions>(&options);
    REQUIRE(frames);
    CHECK(frames->interface == "eth0");
    REQUIRE(frames->held.size() == 2);
    CHECK(frames->held[0].protocol == Protocol::tcp);
    CHECK(frames->held[0].number == 4000);
    CHECK(frames->held[1].protocol == Protocol::sctp);
    CHECK(frames->linger == std::chrono::milliseconds(500));
    CHECK(frames->quiet);
    CHECK(error_of({"frames"}) == "--interface is missing: what the frames leave by");
    CHECK(error_of({"frames", "--interface", "a", "--hold", "icmp:1"}) ==
          "--hold icmp:1: must be tcp:PORT, udp:PORT or sctp:PORT");
    CHECK(error_of({"frames", "--interface", "a", "--hold", "tcp"}) ==
          "--hold tcp: must be tcp:PORT, udp:PORT or sctp:PORT");
    CHECK(error_of({"frames", "--interface", "a", "--quiet", "2"}) ==
          "--quiet 2: must be a number from 0 to 1");
}

TEST_CASE("what connections carry and how they end") {
    const Options options =
        parse_options({"tcp", "--to", "::1", "--port", "80", "--data", "hi", "--close", "rst"});
    const auto* send = std::get_if<SendOptions>(&options);
    REQUIRE(send);
    CHECK(send->data == "hi");
    CHECK(send->close == Close::rst);
    CHECK(error_of({"tcp", "--to", "::1", "--port", "80", "--close", "no"}) ==
          "--close no: must be fin, rst or none");
    CHECK(error_of({"udp", "--to", "::1", "--port", "80", "--close", "rst"}) ==
          "there is no option --close here");
    CHECK(error_of({"ping", "--to", "::1", "--data", "hi"}) == "there is no option --data here");
}
