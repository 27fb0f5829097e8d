// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// One decision of one rule about one packet, as nfverdict writes it and the harness reads it
/// (one JSON object per line, docs/formats/record.md). Used on both sides; free of I/O.
namespace nflab::verdict {

/// What an ICMP error says about the packet that it answers.
struct QuotedPacket {
    int protocol = 0;
    std::string source;
    std::string destination;
    std::uint16_t source_port = 0; ///< of an echo: 0
    std::uint16_t destination_port = 0;
    std::uint16_t icmp_id = 0; ///< of an echo
    std::uint16_t icmp_sequence = 0;
    std::uint32_t ip_id = 0;
};

/// The mark that nftraffic puts at the beginning of a payload (docs/formats/traffic.md).
struct Stamp {
    std::uint32_t run = 0;
    std::uint32_t number = 0;
    bool operator==(const Stamp&) const = default;
};

/// Headers as they were when the rule decided, so before any NAT that the rule asks for.
struct Packet {
    int family = 0;     ///< 2 = AF_INET, 10 = AF_INET6, 0 = unknown
    int protocol = 0;   ///< IPPROTO_*
    std::string source; ///< textual address
    std::string destination;
    std::uint16_t source_port = 0; ///< tcp, udp, sctp
    std::uint16_t destination_port = 0;
    int icmp_type = -1; ///< -1: not ICMP
    int icmp_code = -1;
    std::uint16_t icmp_id = 0; ///< echo only
    std::uint16_t icmp_sequence = 0;
    std::uint8_t tcp_flags = 0;
    std::uint32_t tcp_sequence = 0;
    std::uint32_t tcp_acknowledgement = 0;
    /// Bytes behind the TCP or UDP header; one skb may hold those of several segments (GRO, GSO).
    std::uint32_t payload = 0;
    std::uint8_t ttl = 0;              ///< time to live, or hop limit
    std::uint32_t ip_id = 0;           ///< IPv4 identification, or that of an IPv6 fragment header
    std::uint32_t length = 0;          ///< skb->len
    std::uint16_t fragment_offset = 0; ///< bytes; not 0 in later fragments, which have no ports
    bool more_fragments = false;
    /// Addresses or ports are missing because they lie where the method cannot read: in a page.
    bool unread = false;
    std::optional<QuotedPacket> quoted; ///< ICMP errors
    std::optional<Stamp> stamp;
    std::uint64_t skb = 0; ///< address of the sk_buff: identity on one node, for a while
    std::uint32_t mark = 0;
    /// Of a packet that is not IP: ETH_P_* (0x0806: ARP, whose sender and target are source and
    /// destination).
    std::uint16_t ethertype = 0;
    std::uint16_t arp_operation = 0; ///< 1 request, 2 reply
    std::string source_mac;          ///< bridge and netdev: of the frame; ARP: the sender's
    std::string destination_mac;

    bool is_fragment() const { return more_fragments || fragment_offset != 0; }
};

/// The conntrack entry at that moment. `reply` is what an answer will look like, so
/// reply.destination != packet source means SNAT, reply.source != packet destination means DNAT.
struct Tuple {
    std::string source;
    std::string destination;
    std::uint16_t source_port = 0; ///< or ICMP id
    std::uint16_t destination_port = 0;
};
struct Conntrack {
    std::uint64_t id = 0; ///< address of the nf_conn
    std::string state;    ///< new, established, related, reply, invalid, untracked
    std::optional<Tuple> original;
    std::optional<Tuple> reply;
};

/// `table`: something in this table decided, and which rule is not known (a match that dropped by
/// itself, "hotdrop"). `none`: no rule did it; engine is "none" and `stage` says what did.
enum class RuleKind { rule, policy, end_of_chain, unknown, table, none };

struct Record {
    std::string node;          ///< set by the harness; empty from nfverdict
    std::uint64_t netns = 0;   ///< inode of the network namespace
    std::uint64_t time_ns = 0; ///< CLOCK_MONOTONIC of the guest
    int cpu = 0;
    Packet packet;
    std::optional<Conntrack> conntrack;

    std::string hook; ///< prerouting, input, forward, output, postrouting, ingress, egress
    std::optional<int> priority;
    std::string in_device;
    std::string out_device;
    /// nft; legacy iptables, ip6tables, arptables, ebtables; iptables-nft, ip6tables-nft,
    /// arptables-nft, ebtables-nft; none
    std::string engine;
    std::string family; ///< of the table: ip, ip6, inet, arp, bridge, netdev
    std::string table;
    std::string base_chain; ///< where the hook entered
    std::string chain;      ///< where the rule really stands
    RuleKind rule_kind = RuleKind::unknown;
    std::uint64_t rule = 0;   ///< nft: handle; iptables, also its nft variant: number, from 1
    std::uint64_t handle = 0; ///< iptables-nft and the like: the nft handle of that rule
    std::string rule_text;    ///< as nft/iptables-save print it; empty when not known
    std::string comment;
    /// accept, drop, reject, queue, stolen, repeat; with trace `all` also continue, jump, goto,
    /// return
    std::string verdict;
    std::string target; ///< of jump and goto: the chain; of an iptables rule: its target
    /// Chains from the base chain to the one before `chain`, in the order of the jumps.
    std::vector<std::string> jump_path;
    std::string element; ///< of the verdict map that decided: "tcp . 22 : drop"

    /// Where no rule decided (engine none), or, with trace `all`, a hook function that is no table.
    std::string stage;    ///< conntrack, defrag, rp_filter, route, ttl, mtu, xfrm, neighbour, …
    std::string reason;   ///< the kernel's drop reason, without SKB_DROP_REASON_; since 5.17
    std::string location; ///< the call site in the kernel: function+offset
    std::string function; ///< hook function
    std::string module;   ///< of that function or call site; empty: the kernel proper
    /// What the stage is told by: reason, call site, counter, hook entry; inferred: of a rule that
    /// nobody has seen decide, and no other could have
    std::string basis;

    /// Call stack, innermost first, as the kernel writes addresses: "nf_hook_slow+0x47/0x100".
    /// Only where it was asked for (kretprobe).
    std::vector<std::string> stack;

    /// site, decoy, kprobe-events, fexit, kretprobe, drop, hook
    std::string method;

    /// True for a verdict after which this hook function has nothing more to say.
    bool final() const;
};

void to_json(nlohmann::json& out, const Record& record);
/// The same as one line of text, without the newline: no tree is made, which takes most of the
/// time.
void append_json(std::string& out, const Record& record);
/// Throws nlohmann::json::exception when a field has the wrong type.
void from_json(const nlohmann::json& in, Record& record);

} // namespace nflab::verdict
