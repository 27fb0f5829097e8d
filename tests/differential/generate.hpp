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
inline constexpr int router = 1; ///< host number of the router in both networks
inline constexpr int first_host = 100;
inline const std::vector<int> ports{22, 53, 80, 443, 1000, 1001, 1002, 1003, 8080, 9000};
} // namespace net

/// What the kernel under test has. Rules for what it lacks are left out; the others are the same
/// with and without.
struct Features {
    bool legacy = true;
    bool iptables_nft = true;
};

Ruleset make_ruleset(Random& random, const Features& features = {});
void add_nft_tables(Random& random, Ruleset& ruleset);
void add_xt_tables(Random& random, Ruleset& ruleset, Engine engine);

/// From where a packet starts.
enum class Origin { lan, wan, router };

/// What is put on the wire for one packet: itself, or its fragments.
struct Shot {
    Origin origin = Origin::lan;
    Packet packet;
    std::uint16_t chunk = 0; ///< not 0: in fragments with that many bytes of payload

    std::vector<Bytes> datagrams() const;
};

/// `count` packets, each with its own uid. At most 1000, so that IPv6 lengths suffice.
std::vector<Shot> make_packets(Random& random, unsigned count);

/// For people: "lan tcp 192.168.4.101:20007 > 10.53.134.102:80 S uid 7".
std::string describe(const Shot& shot);

} // namespace nflab::witness
