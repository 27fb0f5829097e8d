// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/sysctl_path.hpp"
#include "tests/catch.hpp"

using nflab::agent::sysctl_path;

TEST_CASE("sysctl names by the rule of sysctl(8)") {
    CHECK(sysctl_path("net.ipv4.ip_forward") == "/proc/sys/net/ipv4/ip_forward");
    CHECK(sysctl_path("net/ipv4/ip_forward") == "/proc/sys/net/ipv4/ip_forward");
    CHECK(sysctl_path("net.ipv4.conf.eth0/1.forwarding") ==
          "/proc/sys/net/ipv4/conf/eth0.1/forwarding");
    CHECK(sysctl_path("net/ipv4/conf/eth0.1/forwarding") ==
          "/proc/sys/net/ipv4/conf/eth0.1/forwarding");
}

TEST_CASE("a sysctl never leaves /proc/sys") {
    for (const char* wrong : {"", ".", "..", "/etc/passwd", "../x", "net/../../x", "net.//.x",
                              "net..x", "net.", "net/"})
        CHECK_FALSE(sysctl_path(wrong));
}
