// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/channel/message.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

using namespace nflab::channel;

namespace {

template <typename T>
T round_trip(const T& value) {
    return parse_payload(to_payload(value)).template get<T>();
}

} // namespace

TEST_CASE("hello says who speaks") {
    Hello hello;
    hello.protocol = 1;
    hello.kernel_release = "6.12.9";
    hello.problems = {"no /dev/vdb"};
    const Hello back = round_trip(hello);
    CHECK(back.protocol == 1);
    CHECK(back.kernel_release == "6.12.9");
    CHECK(back.problems == hello.problems);
    CHECK_THROWS_AS(parse_payload("{}").get<Hello>(), nlohmann::json::exception);
}

TEST_CASE("a run request keeps all it says, and the shortest one is only argv") {
    RunRequest request;
    request.argv = {"sh", "-c", "echo \"ä\""};
    request.environment = {{"A", "b"}};
    request.directory = "/tmp";
    request.terminal = Terminal{50, 132, "linux"};
    request.timeout_ms = 5000;
    request.input = true;
    const RunRequest back = round_trip(request);
    CHECK(back.argv == request.argv);
    CHECK(back.environment == request.environment);
    CHECK(back.directory == "/tmp");
    REQUIRE(back.terminal);
    CHECK(back.terminal->columns == 132);
    CHECK(back.terminal->term == "linux");
    CHECK(back.timeout_ms == 5000);
    CHECK(back.input);

    CHECK(to_payload(RunRequest{{"true"}, {}, {}, {}, 0, false}) == R"({"argv":["true"]})");
    CHECK_FALSE(round_trip(RunRequest{{"true"}, {}, {}, {}, 0, false}).terminal);
}

TEST_CASE("exit statuses") {
    CHECK(round_trip(ExitStatus{}).ok());
    ExitStatus status;
    status.signal = 15;
    status.timed_out = true;
    status.error = "e";
    const ExitStatus back = round_trip(status);
    CHECK(back.signal == 15);
    CHECK(back.timed_out);
    CHECK(back.error == "e");
}

TEST_CASE("a configuration keeps its order") {
    Configuration configuration;
    configuration.hostname = "router";
    configuration.clock_ns = 1'700'000'000'000'000'000;
    configuration.entropy = "AAAA";
    configuration.modules = {"nf_tables"};
    configuration.nics = {{"52:54:00:00:00:01", "eno1", {"10.0.0.1/24", "fd00::1/64"}, 1400, ""},
                          {"52:54:00:00:00:02", "eno2", {}, 0, "02:00:00:00:00:09"}};
    configuration.routes = {{"default", "10.0.0.2"}, {"10.9.0.0/16", "10.0.0.3"}};
    configuration.sysctls = {{"net.ipv4.ip_forward", "1"}};
    configuration.hosts = {{"10.0.0.2", "client"}};
    const Configuration back = round_trip(configuration);
    CHECK(back.hostname == "router");
    CHECK(back.clock_ns == configuration.clock_ns);
    CHECK(back.entropy == "AAAA");
    CHECK(back.modules == configuration.modules);
    REQUIRE(back.nics.size() == 2);
    CHECK(back.nics[0].addresses == configuration.nics[0].addresses);
    CHECK(back.nics[0].mtu == 1400);
    CHECK(back.nics[1].set_mac == "02:00:00:00:00:09");
    CHECK(back.routes == configuration.routes);
    CHECK(back.sysctls == configuration.sysctls);
    CHECK(back.hosts == configuration.hosts);
    CHECK(to_payload(Configuration{}) == "{}");
}

TEST_CASE("file, signal and resize requests") {
    CHECK(round_trip(PutRequest{"/a", 0755}).mode == 0755);
    CHECK(parse_payload(R"({"path":"/a"})").get<PutRequest>().mode == 0644);
    CHECK(round_trip(GetRequest{"/b"}).path == "/b");
    CHECK(round_trip(SignalRequest{15}).signal == 15);
    CHECK(round_trip(ResizeRequest{10, 20}).columns == 20);
}

TEST_CASE("wrong messages are refused") {
    CHECK_THROWS_AS(parse_payload(""), std::runtime_error);
    CHECK_THROWS_AS(parse_payload("[]"), std::runtime_error);
    CHECK_THROWS_AS(parse_payload("{\"argv\":"), std::runtime_error);
    CHECK_THROWS_AS(parse_payload(R"({"argv":"true"})").get<RunRequest>(),
                    nlohmann::json::exception);
    CHECK_THROWS_AS(parse_payload(R"({"nics":[{}]})").get<Configuration>(),
                    nlohmann::json::exception);
}

TEST_CASE("text that is not UTF-8 does not make a message fail") {
    ExitStatus status;
    status.error = "no file '\xff'";
    CHECK(round_trip(status).error == "no file '\xef\xbf\xbd'");
}

TEST_CASE("a window update says how much") {
    CHECK(to_payload(WindowUpdate{65536}) == R"({"bytes":65536})");
    CHECK(round_trip(WindowUpdate{65536}).bytes == 65536);
    CHECK_THROWS_AS(parse_payload("{}").get<WindowUpdate>(), nlohmann::json::exception);
}
