// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/record.hpp"
#include "tests/differential/generate.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

/// What the witnesses of one batch said. Plain values, filled from text; pure.
namespace nflab::witness {

/// How a packet is called by every witness alike: "4 uid 17.0 l 60", or, for what was not sent by
/// the test (resets, ICMP errors), its addresses, ports and length.
using Key = std::string;

inline constexpr int arp = 1;

/// Headers as far as a key needs them.
struct Seen {
    int family = 0;   ///< 4, 6, or `arp`
    int protocol = 0; ///< of ARP: the operation
    std::string source;
    std::string destination;
    unsigned source_port = 0;
    unsigned destination_port = 0;
    int icmp_type = -1;
    unsigned identification = 0;
    unsigned length = 0;   ///< of the IP packet
    bool fragment = false; ///< IPv6: nft's trace does not say of what protocol
};

/// Of the test's own packets none that is sent first is one. The router's answer to an echo has the
/// echo's mark in its payload, and in IPv6 its length.
bool is_echo_reply(const Seen& seen);

/// Of the packet that ends a batch under the oracles (UDP, IPv4); no packet of the test has it.
inline constexpr unsigned last_identification = 0x1fff;

/// The names of a batch's packets.
class Names {
  public:
    explicit Names(const std::vector<Shot>& shots);

    Key key(const Seen& seen) const;
    /// The number of the shot that the packet, or the answer, came from; −1: none.
    int shot(const Seen& seen) const;
    int shot_of_uid(unsigned uid) const;
    /// Address resolution and multicast of the nodes themselves, and the packet that ends a batch:
    /// no witness is asked about them.
    static bool noise(const Seen& seen);

  private:
    struct Own {
        int shot = -1;
        int protocol = 0;
        unsigned length = 0; ///< 0: any, of what was sent in fragments
    };
    std::map<unsigned, int> by_uid_;
    std::map<unsigned, Own> by_identification_; ///< IPv4
    std::map<unsigned, Own> by_length_;         ///< IPv6
};

Seen seen_in(const verdict::Packet& packet);
/// With the length of the IP packet at hooks that see the frame, too.
Seen seen_in(const verdict::Record& record);
/// Of the first bytes of an IP packet; family 0 when they are none.
Seen seen_in(const Bytes& ip);

/// One base chain or legacy table that a packet passed, and what it said at last.
struct Statement {
    std::string table; ///< nft: "inet filter"; legacy: "filter"
    std::string base;  ///< nft: the base chain; legacy: the built-in chain
    std::string chain; ///< where the rule stands
    bool policy = false;
    std::uint64_t rule = 0;        ///< handle or number; 0 of a policy
    std::string verdict;           ///< accept, drop, queue; empty where the witness does not say
    std::vector<std::string> path; ///< chains from the base chain to the one before `chain`

    std::string text() const;
};

/// What one oracle said, packet by packet, in the order of time.
using Testimony = std::map<Key, std::vector<Statement>>;

/// A line of legacy TRACE: no verdict, and rules that did not decide among them.
struct XtLine {
    std::string table;
    std::string chain;
    std::string kind; ///< rule, return, policy
    std::uint64_t number = 0;
};
using XtTestimony = std::map<Key, std::vector<XtLine>>; ///< by family and packet

struct RuleCount {
    Engine engine = Engine::nft;
    std::string table; ///< "inet filter"; legacy "filter"
    std::string chain;
    std::uint64_t rule = 0; ///< 0: the policy of a built-in chain
    std::uint64_t packets = 0;
    std::string text;
};

struct Flow {
    int protocol = 0;
    std::string source, destination;
    unsigned source_port = 0; ///< or ICMP id
    unsigned destination_port = 0;
    auto operator<=>(const Flow&) const = default; // NOLINT(modernize-use-nullptr)
};

/// Counters of `conntrack -S`, of all processors together.
struct ConntrackDrops {
    std::uint64_t dropped = 0;
    std::uint64_t insert_failed = 0;
};

/// Everything about one run of one batch.
struct Evidence {
    std::vector<verdict::Record> records; ///< in the order of time
    std::uint64_t lost = 0;               ///< events, as nfverdict counts them
    std::vector<std::string> complaints;  ///< an oracle's loss: the run cannot be used

    std::map<int, std::vector<Seen>> captured; ///< by shot: what left the router
    std::vector<RuleCount> counts;
    std::map<Flow, Flow> flows;     ///< conntrack: original and reply direction
    ConntrackDrops conntrack_drops; ///< while the packets were sent
    /// Bytes of payload that left the router, by shot: of what was sent, not of answers.
    std::map<int, unsigned> arrived;

    Testimony nft; ///< under the oracle only
    XtTestimony xt4, xt6;
    std::size_t oracle_lines = 0;
};

/// The table of the marking chain, which no comparison looks at.
inline constexpr const char* oracle_table = "nflab_witness";

/// The table whose chains are the last of their hooks, so that every packet has a record there.
inline constexpr const char* last_table = "watch";

/// Output of `nft -a monitor trace`. Adds a complaint for what shows a loss.
void read_nft_trace(const std::string& text, const Names& names, Evidence& evidence);
/// Output of `nfwitness nflog`.
void read_xt_trace(const std::string& text, const Names& names, Evidence& evidence);
/// `nft -j list ruleset`
void read_nft_counts(const std::string& json, Evidence& evidence);
/// `iptables-legacy-save -c` or its IPv6 twin.
void read_xt_counts(const std::string& text, Engine engine, Evidence& evidence);
/// `arptables-legacy -L -n -v`, or `ebtables-legacy -L --Lc` (which counts no policies); a line
/// "*TABLE" before each table.
void read_frame_counts(const std::string& text, Engine engine, Evidence& evidence);
/// `conntrack -S`
ConntrackDrops read_conntrack_drops(const std::string& text);
/// `conntrack -L`
void read_conntrack(const std::string& text, Evidence& evidence);
/// Lines "c LENGTH HEX" of `nfwitness wire`; others are ignored. One for each wire.
class CaptureReader {
  public:
    CaptureReader(const Names& names, Evidence& evidence) : names_(names), evidence_(evidence) {}
    void take(const std::string& line);

  private:
    void count(const Bytes& ip);

    const Names& names_;
    Evidence& evidence_;
    std::map<std::string, int> datagrams_; ///< shots of fragmented ones, by addresses and id
};

} // namespace nflab::witness
