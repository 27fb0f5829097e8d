// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/hooks/hook_entries.hpp"
#include "guest/nfverdict/hooks/hook_function.hpp"
#include "guest/nfverdict/kernel/kallsyms.hpp"

#include <optional>
#include <string>

namespace nflab::nfverdict {

/// Who a hook's entry belongs to, in words that people know.
struct HookOwner {
    Symbol function;
    HookFunction kind;
    std::string what; ///< "nft ip filter forward", "iptables filter", "conntrack", …
};

/// Names of chains, tables and programs behind hook entries, read from the kernel's structures.
class HookOwners {
  public:
    HookOwners(KernelTypes& types, const KernelMemory& memory, const Kallsyms& symbols);

    HookOwner owner(const HookEntry& entry) const;

  private:
    std::string string_at(std::uint64_t address) const;
    std::string nft_chain(const HookEntry& entry) const;
    std::string xt_table(const HookEntry& entry, const Symbol& function) const;
    std::string bpf_program(const HookEntry& entry) const;

    const KernelMemory& memory_;
    const Kallsyms& symbols_;
    struct {
        std::uint32_t table, name;
        std::optional<std::uint32_t> table_name;
    } nft_{};
    std::optional<std::uint32_t> xt_name_;
    std::optional<std::uint32_t> ebt_name_;
    std::optional<std::uint32_t> bpf_aux_, bpf_id_, bpf_name_;
};

} // namespace nflab::nfverdict
