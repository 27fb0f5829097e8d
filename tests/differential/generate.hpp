// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/differential/packet.hpp"
#include "tests/differential/random.hpp"
#include "tests/differential/ruleset.hpp"

#include <string>
#include <vector>

/// Random but valid rulesets and packets: the same for the same seed. Pure.
namespace nflab::witness {

/// The lab that rules and packets are made for.
namespace net {
inline constexpr int hosts = 6; ///< made-up addresses at each end: .100 and up
std::string lan(int family, int host);
std::string wan(int family, int host);
/// Both sides of the bridge are one network: hosts from .100 on the left, from .150 on the right.
std::string bridge(int family, int host);
inline constexpr int first_right_host = 150;
inline constexpr int router = 1; ///< host number of the router in both networks
inline constexpr int first_host = 100;
inline const std::vector<int> ports{22, 53, 80, 443, 1000, 1001, 1002, 1003, 8080, 9000};
} // namespace net

/// Sets of ipset that rules of iptables and its siblings ask, made once for all rulesets.
std::string ipset_script();

/// What the kernel under test has. Rules for what it lacks are left out; the others are the same
/// with and without.
struct Features {
    bool legacy = true;
    bool arptables = true; ///< legacy
    bool ebtables = true;  ///< legacy
    bool iptables_nft = true;
    bool ebtables_nft = true;
    bool ipset = true;
    bool egress = true; ///< of the netdev family
};

Ruleset make_ruleset(Random& random, const Features& features = {});
void add_nft_tables(Random& random, Ruleset& ruleset);
void add_xt_tables(Random& random, Ruleset& ruleset, Engine engine);
void add_arp_tables(Random& random, Ruleset& ruleset, Engine engine);
void add_bridge_tables(Random& random, Ruleset& ruleset, Engine engine);
/// Tables of the families bridge, netdev and arp.
void add_link_tables(Random& random, Ruleset& ruleset);

/// From where a packet starts; left and right are the sides of the router's bridge.
enum class Origin { lan, wan, router, left, right };

/// What is put on the wire for one packet: itself, or its fragments.
struct Shot {
    Origin origin = Origin::lan;
    Packet packet;
    std::uint16_t chunk = 0; ///< not 0: in fragments with that many bytes of payload
    bool arp = false;        ///< an ARP request instead: who has the destination, tell the source
    bool to_router = false;  ///< from left or right: in a frame for the router itself

    std::vector<Bytes> datagrams() const;
};

/// `count` packets, each with its own uid. At most 1000, so that IPv6 lengths suffice. Without
/// fragments where a ruleset looks at single ones: what waits for a fragment that was dropped would
/// be there when the batch is run again.
std::vector<Shot> make_packets(Random& random, unsigned count, bool fragments = true);
/// Whether chains before defragmentation look at packets.
bool sees_fragments(const Ruleset& ruleset);

/// For people: "lan tcp 192.168.4.101:20007 > 10.53.134.102:80 S uid 7".
std::string describe(const Shot& shot);

} // namespace nflab::witness
