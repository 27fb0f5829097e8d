// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/keys.hpp"

namespace nflab::scenario {

namespace {

constexpr std::string_view families[] = {"ipv4", "ipv6"};

constexpr Key send_keys[] = {
    {.name = "ping", .shape = Shape::text, .about = "Sends ICMP echo to this node or address."},
    {.name = "tcp",
     .shape = Shape::text,
     .about = "Opens TCP connections to this node or address."},
    {.name = "udp", .shape = Shape::text, .about = "Sends UDP datagrams to this node or address."},
    {.name = "from", .shape = Shape::text, .required = true, .about = "The node that sends."},
    {.name = "port",
     .shape = Shape::integer,
     .about = "Destination port; tcp and udp need it.",
     .minimum = 1,
     .maximum = 65'535},
    {.name = "source_port",
     .shape = Shape::integer,
     .about = "Source port (tcp, udp); without it, the kernel chooses.",
     .minimum = 1,
     .maximum = 65'535},
    {.name = "count",
     .shape = Shape::integer,
     .about = "How many packets or connections; 1 without it.",
     .minimum = 1,
     .maximum = 100'000},
    {.name = "size",
     .shape = Shape::integer,
     .about = "Bytes of payload in each; 56 without it.",
     .minimum = 0,
     .maximum = 65'507},
    {.name = "interval",
     .shape = Shape::duration,
     .about = "Time from one to the next; 100ms without it."},
    {.name = "timeout",
     .shape = Shape::duration,
     .about = "How long to wait for each reply; 1s without it."},
    {.name = "listen",
     .shape = Shape::text,
     .about = "The node that answers (tcp, udp), where it is not the one that is sent to, as "
              "behind DNAT."},
    {.name = "family",
     .shape = Shape::choice,
     .about = "Which address of the node to send to; ipv4 if it has one.",
     .choices = families},
};

} // namespace

const Object send_object = {"send", "traffic",
                            "Packets from one node: exactly one of ping, tcp and udp.", send_keys};

} // namespace nflab::scenario
