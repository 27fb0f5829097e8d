// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

/// What a function that hangs in a netfilter hook is, by its name. Pure.
namespace nflab::nfverdict {

struct HookFunction {
    enum class Kind {
        nft_chain,  ///< priv is a struct nft_chain
        xt_table,   ///< iptables, ip6tables, arptables, ebtables
        nat_lookup, ///< asks the nat chains and tables that hang in priv
        flowtable,  ///< priv is a struct nf_flowtable
        bpf,        ///< priv is a struct bpf_prog
        other,
    };
    Kind kind = Kind::other;
    std::string stage; ///< conntrack, nat, defrag, …; of an unknown function its module, or "hook"

    bool is_table() const { return kind == Kind::nft_chain || kind == Kind::xt_table; }
};

/// `function` as in /proc/kallsyms; `module` empty for the kernel proper.
HookFunction classify_hook(std::string_view function, std::string_view module);

/// "filter" of a table whose hook function belongs to it alone (kernels before 5.16): the module's
/// name tells. Empty for others.
std::string table_of_module(std::string_view module);

/// "iptables", "ip6tables", "arptables" or "ebtables" by the function; empty for others.
std::string xt_engine(std::string_view function, std::string_view module);

} // namespace nflab::nfverdict
