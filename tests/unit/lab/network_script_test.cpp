// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/network_script.hpp"
#include "tests/catch.hpp"
#include "tests/unit/lab/example_plan.hpp"

using namespace nflab;

TEST_CASE("the wiring of a lab is one batch for ip") {
    CHECK(lab::network_script(example_plan(), {{"client", 10}, {"server", 11}}) ==
          "link set lo up\n"
          "link add name br-lan type bridge stp_state 0 forward_delay 0 mcast_snooping 0\n"
          "link set br-lan up\n"
          "link add name br-wan type bridge stp_state 0 forward_delay 0 mcast_snooping 0\n"
          "link set br-wan up\n"
          "link add name n0i0 type veth peer name eth0 address 52:54:00:00:01:01 netns 10\n"
          "link set n0i0 master br-lan up\n"
          "tuntap add dev n1i0 mode tap vnet_hdr\n"
          "link set n1i0 master br-lan up\n"
          "tuntap add dev n1i1 mode tap vnet_hdr\n"
          "link set n1i1 mtu 9000\n"
          "link set n1i1 master br-wan up\n"
          "link add name n2i0 type veth peer name eth0 address 52:54:00:00:03:01 netns 11\n"
          "link set n2i0 mtu 1400\n"
          "link set n2i0 master br-wan up\n");
}

TEST_CASE("port names fit into a kernel's 15 bytes") {
    CHECK(lab::port_name(0, 0) == "n0i0");
    CHECK(lab::port_name(99999, 99999).size() <= 15);
}
