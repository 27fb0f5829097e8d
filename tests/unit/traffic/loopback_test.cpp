// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/unit/traffic/loopback.hpp"

#include <algorithm>

namespace {

long count(const TrafficResult& result, const char* type) {
    return std::count_if(result.lines.begin(), result.lines.end(),
                         [&](const auto& line) { return line["type"] == type; });
}

const nlohmann::json& first(const TrafficResult& result, const char* type) {
    const auto found = std::find_if(result.lines.begin(), result.lines.end(),
                                    [&](const auto& line) { return line["type"] == type; });
    REQUIRE(found != result.lines.end());
    return *found;
}

} // namespace

TEST_CASE("ping is answered, over both families") {
    const auto result = on_loopback("", "$T ping --to 127.0.0.1 --count 3 --interval 1; "
                                        "$T ping --to ::1 --size 1000");
    CHECK(result.code == 0);
    CHECK(count(result, "sent") == 4);
    CHECK(count(result, "reply") == 4);
    const auto& sent = first(result, "sent");
    const auto& reply = first(result, "reply");
    CHECK(sent["icmp_sequence"] == 1);
    CHECK(sent["icmp_id"] == reply["icmp_id"]);
    CHECK(sent["source"] == "127.0.0.1");
    CHECK(result.lines.back()["replies"] == 1);
}

TEST_CASE("udp and tcp are echoed, over both families and from the address that was asked") {
    const auto result = on_loopback(
        "serve --tcp 7 --tcp 8 --udp 7",
        "$T udp --to 127.0.0.2 --port 7 --count 3 --interval 1; $T udp --to ::1 --port 7; "
        "$T tcp --to 127.0.0.1 --port 7 --size 65000 --count 3 --interval 1; "
        "$T tcp --to ::1 --port 8 --source-port 4000");
    CHECK(result.code == 0);
    CHECK(count(result, "sent") == 8);
    CHECK(count(result, "reply") == 8);
    CHECK(result.lines.at(result.lines.size() - 2)["source_port"] == 4000);
}

TEST_CASE("a closed port refuses") {
    const auto result = on_loopback("", "$T udp --to 127.0.0.1 --port 9 --count 2 --interval 1; "
                                        "$T udp --to ::1 --port 9; $T tcp --to ::1 --port 9");
    CHECK(result.code == 0);
    CHECK(count(result, "failed") == 4);
    for (const auto& line : result.lines)
        if (line["type"] == "failed")
            CHECK(line["errno"] == "ECONNREFUSED");
    CHECK(first(result, "failed")["from"] == "127.0.0.1");
    CHECK(first(result, "failed")["icmp_code"] == 3);
}

TEST_CASE("without a route every packet fails, and that is a result") {
    const auto result = on_loopback("", "$T ping --to 192.0.2.1; $T udp --to 192.0.2.1 --port 1; "
                                        "$T tcp --to 192.0.2.1 --port 1; $T ping --to 2001:db8::1");
    CHECK(result.code == 0);
    CHECK(count(result, "failed") == 4);
    CHECK(first(result, "failed")["errno"] == "ENETUNREACH");
}

TEST_CASE("silence is a time-out") {
    const auto result = on_loopback("", "ip link add name left type veth peer name right; "
                                        "ip link set left up; ip link set right up; "
                                        "ip addr add 192.0.2.1/24 dev left; "
                                        "ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:09 dev left; "
                                        "$T ping --to 192.0.2.2 --timeout 50 --count 2 "
                                        "--interval 1; "
                                        "$T tcp --to 192.0.2.2 --port 1 --timeout 50");
    CHECK(count(result, "timeout") == 3);
    CHECK(count(result, "failed") == 0);
}

TEST_CASE("an unreachable neighbour is reported with who said so") {
    const auto result = on_loopback("", "ip route add unreachable 192.0.2.0/24; "
                                        "ip route add prohibit 198.51.100.0/24; "
                                        "$T ping --to 192.0.2.2; $T ping --to 198.51.100.1");
    CHECK(count(result, "failed") == 2);
    CHECK(first(result, "failed")["errno"] == "EHOSTUNREACH");
}

TEST_CASE("thousands of packets a second") {
    const auto result = on_loopback("serve --udp 7", "$T udp --to 127.0.0.1 --port 7 "
                                                     "--count 2000 --interval 0.05");
    CHECK(result.lines.back()["sent"] == 2000);
    CHECK(result.lines.back()["replies"] == 2000);
}

TEST_CASE("wrong arguments end with 2, what cannot be sent or served with 3") {
    CHECK(on_loopback("", "$T ping --to nowhere 2>/dev/null").code == 2);
    CHECK(on_loopback("", "$T ping 2>/dev/null").code == 2);
    CHECK(on_loopback("", "$T udp --to ::1 --port 1 --source 192.0.2.1 2>/dev/null").code == 2);
    CHECK(on_loopback("", "$T tcp --to 127.0.0.1 --port 1 --source 192.0.2.1 2>/dev/null").code ==
          3);
    CHECK(on_loopback("", "exec 2>/dev/null; ulimit -n 3; exec $T serve --tcp 7").code == 3);
}

TEST_CASE("the server ends with its standard input") {
    const auto result = on_loopback("", "sleep 0.1 | $T serve --tcp 7");
    CHECK(result.code == 0);
    CHECK(count(result, "listening") == 1);
}
