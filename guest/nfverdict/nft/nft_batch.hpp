// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// A few nftables rules, spoken to the kernel directly: an emulated guest takes a tenth of a second
/// to run nft once. include/uapi/linux/netfilter/nf_tables.h has all constants.
namespace nflab::nfverdict {

/// One transaction for family ip of the caller's network namespace.
class NftBatch {
  public:
    /// What a rule asks for, and what it does when that is so.
    struct Rule {
        std::uint16_t udp_port = 0; ///< 0: any packet
        std::int32_t verdict = 0;   ///< NF_ACCEPT, NF_DROP, NFT_JUMP
        std::string jump_to{};
        bool counter = false; ///< `counter` instead of a verdict
        bool trace = false;   ///< `meta nftrace set 1` instead of a verdict
    };

    NftBatch();
    void add_table(const std::string& name);
    void delete_table(const std::string& name);
    void add_chain(const std::string& table, const std::string& name);
    /// type filter, hook input
    void add_input_chain(const std::string& table, const std::string& name, std::int32_t priority,
                         std::uint32_t policy);
    void add_rule(const std::string& table, const std::string& chain, const Rule& rule);

    /// Throws Error(lab) with the kernel's reason; then nothing has changed.
    void commit();

  private:
    std::vector<std::uint8_t> messages_;
};

/// A table's chains and rules with their handles, in the kernel's order.
struct NftHandles {
    struct Chain {
        std::string name;
        std::uint64_t handle = 0;
        std::vector<std::uint64_t> rules;
    };
    std::vector<Chain> chains;
};
/// Of family ip. Throws Error(lab).
NftHandles read_handles(const std::string& table);

/// Whether the caller's network namespace has any nftables table. Throws Error(lab).
bool has_nft_tables();

} // namespace nflab::nfverdict
