// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/capture_counts.hpp"
#include "harness/step/judge_capture.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace nflab;
using namespace nflab::step;

namespace {

// One frame with a UDP datagram to this port, as pcap-savefile(5) says.
std::string frame(char port) {
    std::string bytes("\2\0\0\0\0\1\2\0\0\0\0\2\x08\0"
                      "\x45\0\0\x1c\0\1\0\0\x40\x11\0\0\xc0\0\2\1\xc6\x33\x64\2"
                      "\x0f\xa0\0\0\0\x08\0\0",
                      42);
    bytes[37] = port;
    return std::string("\1\0\0\0\2\0\0\0\x2a\0\0\0\x2a\0\0\0", 16) + bytes;
}

CaptureOutcome capture() {
    CaptureOutcome outcome;
    outcome.name = "wan";
    outcome.node = "router";
    outcome.pcap = std::string("\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0", 24) +
                   frame(53) + frame(53) + frame(80);
    outcome.packets = 3;
    return outcome;
}

scenario::Expectation expectation(const std::string& filter, std::optional<int> count) {
    scenario::Expectation expected;
    expected.capture = scenario::CaptureMatch{"wan", filter};
    expected.count = count;
    return expected;
}

} // namespace

TEST_CASE("tcpdump's counts, on one line or on three, and not before all are there") {
    const auto counts = capture_counts(
        "3 packets captured\n4 packets received by filter\n1 packet dropped by kernel\n");
    REQUIRE(counts);
    CHECK(counts->captured == 3);
    CHECK(counts->received == 4);
    CHECK(counts->dropped == 1);
    CHECK(capture_counts("tcpdump: 0 packets captured, 0 packets received by filter, 0 packets "
                         "dropped by kernel\n"));
    CHECK_FALSE(capture_counts("3 packets captured\n4 packets received by filter\n"));
}

TEST_CASE("a capture holds as many packets as were expected") {
    const std::vector<CaptureOutcome> captures = {capture()};
    CHECK(judge_capture(expectation("", 3), captures).passed);
    CHECK(judge_capture(expectation("udp dst port 53", 2), captures).passed);
    CHECK(judge_capture(expectation("udp dst port 80", {}), captures).passed);
    const Check wrong = judge_capture(expectation("udp dst port 53", 1), captures);
    CHECK_FALSE(wrong.passed);
    CHECK(wrong.expected == "exactly 1 packets \"udp dst port 53\" in capture wan");
    CHECK(wrong.seen == "2 of 3 captured: udp 192.0.2.1:4000 -> 198.51.100.2:53 (2×); udp "
                        "192.0.2.1:4000 -> 198.51.100.2:80 (1×)");
    CHECK_FALSE(judge_capture(expectation("tcp", {}), captures).passed);
    auto none = expectation("udp", {});
    none.negated = true;
    CHECK_FALSE(judge_capture(none, captures).passed);
    none.capture->filter = "tcp";
    CHECK(judge_capture(none, captures).passed);
}

TEST_CASE("what a capture has lost makes numbers and absences unknown") {
    auto lossy = capture();
    lossy.dropped = 2;
    CHECK_FALSE(judge_capture(expectation("", 3), {lossy}).passed);
    CHECK(judge_capture(expectation("udp", {}), {lossy}).passed);
    CHECK(judge_capture(expectation("", 3), {lossy}).seen ==
          "3 of 3 captured; 2 more were lost at router");
}
