// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/hooks/hook_entries.hpp"

#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>

#include <array>

namespace nflab::nfverdict {
namespace {

constexpr std::uint64_t pointer_size = 8;
// MAX_HOOK_COUNT of net/netfilter/core.c
constexpr std::uint16_t most_entries = 1024;

struct RawEntry { // struct nf_hook_entry
    std::uint64_t function;
    std::uint64_t priv;
};

std::uint32_t need(KernelTypes& types, const char* type, const char* member) {
    if (const auto offset = types.offset("", type, member))
        return *offset;
    throw Error(Failure::lab,
                fmt::format("this kernel's type information does not tell where struct {} has {}",
                            type, member));
}

} // namespace

HookReader::HookReader(KernelTypes& types, const KernelMemory& memory) : memory_(memory) {
    const std::uint32_t netfilter = need(types, "net", "nf");
    constexpr std::pair<const char*, unsigned> names[] = {{"hooks_ipv4", NFPROTO_IPV4},
                                                          {"hooks_ipv6", NFPROTO_IPV6},
                                                          {"hooks_arp", NFPROTO_ARP},
                                                          {"hooks_bridge", NFPROTO_BRIDGE}};
    for (const auto& [name, family] : names) {
        // Kernels are built without arp's or the bridge's.
        const auto offset = types.offset("", "netns_nf", name);
        const auto size = types.member_size("", "netns_nf", name);
        if (offset && size)
            families_.push_back(
                {family, {netfilter + *offset, *size / static_cast<std::uint32_t>(pointer_size)}});
    }
    if (families_.empty())
        throw Error(Failure::lab, "this kernel's struct netns_nf has no hooks that we know");
    device_list_ = need(types, "net", "dev_base_head");
    device_next_ = need(types, "net_device", "dev_list");
    device_name_ = need(types, "net_device", "name");
    ingress_ = types.offset("", "net_device", "nf_hooks_ingress");
    egress_ = types.offset("", "net_device", "nf_hooks_egress");
    entries_start_ = need(types, "nf_hook_entries", "hooks");
    ops_priority_ = need(types, "nf_hook_ops", "priority");
    ops_family_ = need(types, "nf_hook_ops", "pf");
}

std::vector<HookEntry> HookReader::read_entries(std::uint64_t entries) const {
    const auto count = memory_.value<std::uint16_t>(entries);
    if (!count || *count == 0 || *count > most_entries)
        return {};
    const std::uint64_t first = entries + entries_start_;
    // Behind the entries stand pointers to the struct nf_hook_ops, in the same order.
    const std::uint64_t ops = first + *count * sizeof(RawEntry);
    std::vector<HookEntry> out;
    for (std::uint64_t i = 0; i < *count; ++i) {
        const auto raw = memory_.value<RawEntry>(first + i * sizeof(RawEntry));
        const auto operation = memory_.value<std::uint64_t>(ops + i * pointer_size);
        if (!raw || !operation)
            return {};
        const auto priority = memory_.value<std::int32_t>(*operation + ops_priority_);
        const auto family = memory_.value<std::uint8_t>(*operation + ops_family_);
        if (!priority || !family)
            return {};
        out.push_back({raw->function, raw->priv, *priority, *family});
    }
    return out;
}

// A list is replaced as a whole: while the pointer stays the same, so do the contents.
std::vector<HookEntry> HookReader::read_at(std::uint64_t pointer) const {
    constexpr int attempts = 5;
    for (int i = 0; i < attempts; ++i) {
        const auto entries = memory_.value<std::uint64_t>(pointer);
        if (!entries || *entries == 0)
            return {};
        auto out = read_entries(*entries);
        if (memory_.value<std::uint64_t>(pointer) == entries)
            return out;
    }
    return {};
}

void HookReader::read_devices(std::uint64_t netns, std::vector<HookList>& out) const {
    constexpr int most_devices = 100'000;
    const std::uint64_t head = netns + device_list_;
    auto at = memory_.value<std::uint64_t>(head);
    for (int i = 0; i < most_devices && at && *at != head; ++i) {
        const std::uint64_t device = *at - device_next_;
        const auto name = memory_.value<std::array<char, IFNAMSIZ>>(device + device_name_);
        for (const auto& [hook, offset] : {std::pair(0U, ingress_), std::pair(1U, egress_)}) {
            if (!offset || !name)
                continue;
            auto entries = read_at(device + *offset);
            if (!entries.empty())
                out.push_back({NFPROTO_NETDEV, hook, name->data(), std::move(entries)});
        }
        at = memory_.value<std::uint64_t>(*at);
    }
}

std::vector<HookList> HookReader::read() const {
    const std::uint64_t netns = memory_.current_netns();
    if (netns == 0)
        throw Error(Failure::lab, "the kernel does not tell where its network namespace is");
    std::vector<HookList> out;
    read_devices(netns, out);
    for (const Family& family : families_)
        for (unsigned hook = 0; hook < family.hooks.count; ++hook) {
            auto entries = read_at(netns + family.hooks.offset + hook * pointer_size);
            if (!entries.empty())
                out.push_back({family.family, hook, "", std::move(entries)});
        }
    return out;
}

std::vector<HookEntry> HookReader::nat_lookups(const HookEntry& entry) const {
    return entry.priv == 0 ? std::vector<HookEntry>() : read_at(entry.priv);
}

} // namespace nflab::nfverdict
