// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/kernel/kernel_memory.hpp"
#include "guest/nfverdict/kernel/kernel_types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The functions that hang in the kernel's netfilter hooks, read from its own lists
/// (struct nf_hook_entries, include/linux/netfilter.h), which every kernel has.
namespace nflab::nfverdict {

struct HookEntry {
    std::uint64_t function = 0; ///< address
    std::uint64_t priv = 0;
    int priority = 0;
    unsigned family = 0; ///< NFPROTO_* it was registered for: inet's show up in ip and ip6
};

struct HookList {
    unsigned family = 0;            ///< NFPROTO_* of the packets
    unsigned hook = 0;              ///< as that family counts
    std::string device;             ///< netdev only
    std::vector<HookEntry> entries; ///< in the order in which they are called
};

class HookReader {
  public:
    /// Throws Error(lab) when the kernel's type information does not know the lists.
    HookReader(KernelTypes& types, const KernelMemory& memory);

    /// All hooks of the calling thread's network namespace in which something hangs.
    std::vector<HookList> read() const;

    /// One list by its address; empty when it cannot be read (or has changed meanwhile).
    std::vector<HookEntry> read_entries(std::uint64_t entries) const;

    /// What a NAT hook asks: the chains and tables in its priv, struct nf_nat_lookup_hook_priv.
    std::vector<HookEntry> nat_lookups(const HookEntry& entry) const;

  private:
    struct Member {
        std::uint32_t offset = 0;
        std::uint32_t count = 1;
    };
    std::vector<HookEntry> read_at(std::uint64_t pointer) const;
    void read_devices(std::uint64_t netns, std::vector<HookList>& out) const;

    const KernelMemory& memory_;
    struct Family {
        unsigned family;
        Member hooks; ///< in struct net
    };
    std::vector<Family> families_;
    std::uint32_t device_list_ = 0; ///< net.dev_base_head
    std::uint32_t device_next_ = 0; ///< net_device.dev_list
    std::uint32_t device_name_ = 0;
    std::optional<std::uint32_t> ingress_;
    std::optional<std::uint32_t> egress_;
    std::uint32_t entries_start_ = 0;
    std::uint32_t ops_priority_ = 0;
    std::uint32_t ops_family_ = 0;
};

} // namespace nflab::nfverdict
