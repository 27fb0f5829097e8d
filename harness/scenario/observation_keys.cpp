// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/keys.hpp"

namespace nflab::scenario {

namespace {

constexpr long largest_port = 65'535;

constexpr Key conntrack_keys[] = {
    {.name = "protocol",
     .shape = Shape::text,
     .about = "As the kernel prints it: tcp, udp, icmp, icmpv6, sctp, …"},
    {.name = "from",
     .shape = Shape::texts,
     .about = "Source of the first packet: an address or a node."},
    {.name = "to",
     .shape = Shape::texts,
     .about = "Destination of the first packet, as it was before any DNAT."},
    {.name = "sport",
     .shape = Shape::integer,
     .about = "Source port of the first packet.",
     .minimum = 0,
     .maximum = largest_port},
    {.name = "dport",
     .shape = Shape::integer,
     .about = "Destination port of the first packet.",
     .minimum = 0,
     .maximum = largest_port},
    {.name = "reply_from",
     .shape = Shape::texts,
     .about = "Where answers come from; with DNAT, the translated destination."},
    {.name = "reply_to",
     .shape = Shape::texts,
     .about = "Where answers go to; with SNAT, the translated source."},
    {.name = "reply_sport",
     .shape = Shape::integer,
     .about = "Source port of answers.",
     .minimum = 0,
     .maximum = largest_port},
    {.name = "reply_dport",
     .shape = Shape::integer,
     .about = "Destination port of answers.",
     .minimum = 0,
     .maximum = largest_port},
    {.name = "state",
     .shape = Shape::text,
     .about = "The protocol's state: ESTABLISHED, SYN_SENT, TIME_WAIT, …"},
    {.name = "status",
     .shape = Shape::texts,
     .about = "assured, unreplied, replied, offload, hw_offload; all of them must hold."},
    {.name = "mark", .shape = Shape::range, .about = "The connection's mark."},
    {.name = "zone", .shape = Shape::range, .about = "Its conntrack zone."},
    {.name = "timeout", .shape = Shape::range, .about = "Seconds until it is forgotten."},
};

constexpr Key contents_keys[] = {
    {.name = "nft",
     .shape = Shape::text,
     .about = "FAMILY TABLE, or FAMILY TABLE CHAIN, of nftables."},
    {.name = "set",
     .shape = Shape::text,
     .about = "FAMILY TABLE SET: the elements of a set or map of nftables."},
    {.name = "iptables", .shape = Shape::text, .about = "TABLE or TABLE/CHAIN of legacy iptables."},
    {.name = "ip6tables",
     .shape = Shape::text,
     .about = "TABLE or TABLE/CHAIN of legacy ip6tables."},
    {.name = "arptables",
     .shape = Shape::text,
     .about = "TABLE or TABLE/CHAIN of legacy arptables."},
    {.name = "ebtables", .shape = Shape::text, .about = "TABLE or TABLE/CHAIN of legacy ebtables."},
    {.name = "iptables-nft",
     .shape = Shape::text,
     .about = "TABLE or TABLE/CHAIN of iptables-nft."},
    {.name = "ip6tables-nft",
     .shape = Shape::text,
     .about = "TABLE or TABLE/CHAIN of ip6tables-nft."},
    {.name = "ipset", .shape = Shape::text, .about = "The members of a set of ipset."},
};

constexpr std::string_view quiet_levels[] = {"none",    "emerg",  "alert", "crit", "err",
                                             "warning", "notice", "info",  "debug"};

constexpr Key kernel_log_keys[] = {
    {.name = "level",
     .shape = Shape::choice,
     .about = "No message of this level or a more urgent one may come; warning without it. none: "
              "any may.",
     .choices = quiet_levels},
    {.name = "allow",
     .shape = Shape::texts,
     .about = "Messages that hold one of these texts may come all the same."},
};

} // namespace

const Object conntrack_entry_object = {
    "conntrack_entry", "a conntrack entry",
    "What an entry of the connection tracking table must be like.", conntrack_keys};
const Object contents_object = {"contents", "contents",
                                "The table, chain or set that is looked into: exactly one.",
                                contents_keys};
const Object kernel_log_object = {"kernel_log", "the kernel log",
                                  "What the guests' kernels may say while the steps run.",
                                  kernel_log_keys};

} // namespace nflab::scenario
