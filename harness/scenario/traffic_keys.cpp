// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/keys.hpp"

namespace nflab::scenario {

namespace {

constexpr std::string_view families[] = {"ipv4", "ipv6"};
constexpr std::string_view closes[] = {"fin", "rst", "none"};
constexpr std::string_view protocols[] = {"udp", "tcp", "icmp"};

constexpr Key send_keys[] = {
    {.name = "ping", .shape = Shape::text, .about = "Sends ICMP echo to this node or address."},
    {.name = "tcp",
     .shape = Shape::text,
     .about = "Opens TCP connections to this node or address."},
    {.name = "udp", .shape = Shape::text, .about = "Sends UDP datagrams to this node or address."},
    {.name = "sctp",
     .shape = Shape::text,
     .about = "Opens SCTP associations to this node or address; both ends need a kernel that has "
              "it."},
    {.name = "raw",
     .shape = Shape::object,
     .about = "Sends packets with any header field.",
     .object = &raw_object},
    {.name = "flood",
     .shape = Shape::text,
     .about = "Sends `count` packets to this node or address, `rate` a second, and waits for no "
              "answer."},
    {.name = "iperf3",
     .shape = Shape::text,
     .about = "Measures with iperf3, whose server runs at this node."},
    {.name = "pcap",
     .shape = Shape::text,
     .about = "Sends the frames of this capture file; a relative path starts at the scenario's "
              "folder."},
    {.name = "from", .shape = Shape::text, .required = true, .about = "The node that sends."},
    {.name = "port",
     .shape = Shape::integer,
     .about = "Destination port; tcp, udp, sctp and floods of them need it.",
     .minimum = 1,
     .maximum = 65'535},
    {.name = "source_port",
     .shape = Shape::integer,
     .about = "Source port (tcp, udp, sctp); without it, the kernel chooses.",
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
    {.name = "data",
     .shape = Shape::text,
     .about = "What is sent (tcp, udp, sctp) instead of our own payload of `size` bytes."},
    {.name = "half_open",
     .shape = Shape::boolean,
     .about = "true (tcp): only the SYN is sent, and what answers it is left unanswered."},
    {.name = "close",
     .shape = Shape::choice,
     .about = "How a connection ends (tcp): fin without it, rst, or none: it is kept until the "
              "step is over.",
     .choices = closes},
    {.name = "protocol",
     .shape = Shape::choice,
     .about = "Of a flood: udp without it, tcp (SYNs) or icmp (echo); of iperf3: tcp without it, "
              "or udp.",
     .choices = protocols},
    {.name = "rate",
     .shape = Shape::integer,
     .about = "Packets a second (flood); 1000 without it.",
     .minimum = 1,
     .maximum = 100'000},
    {.name = "duration",
     .shape = Shape::duration,
     .about = "How long iperf3 measures, in whole seconds; 1s without it."},
    {.name = "bitrate",
     .shape = Shape::text,
     .about = "How fast iperf3 sends, in bits a second with K, M or G."},
    {.name = "reverse",
     .shape = Shape::boolean,
     .about = "true (iperf3): the server sends, and the client receives."},
    {.name = "interface",
     .shape = Shape::text,
     .about = "The interface that frames leave by (pcap); the node's first without it."},
    {.name = "via",
     .shape = Shape::text,
     .about = "The node or address on the same network that frames get as destination MAC address "
              "(pcap), and that of the interface as source; without it, they stay as captured."},
    {.name = "interval",
     .shape = Shape::duration,
     .about = "Time from one to the next; 100ms without it, for a pcap as captured."},
    {.name = "timeout",
     .shape = Shape::duration,
     .about = "How long to wait for each reply; 1s without it."},
    {.name = "listen",
     .shape = Shape::text,
     .about =
         "The node that answers (tcp, udp, sctp, raw), where it is not the one that is sent to, as "
         "behind DNAT."},
    {.name = "family",
     .shape = Shape::choice,
     .about = "Which address of the node to send to; ipv4 if it has one.",
     .choices = families},
};

} // namespace

const Object send_object = {
    "send", "traffic",
    "Packets from one node: exactly one of ping, tcp, udp, sctp, raw, flood, iperf3 and pcap.",
    send_keys};

} // namespace nflab::scenario
