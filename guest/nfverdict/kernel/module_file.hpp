// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The files of the kernel modules that are loaded now.
namespace nflab::nfverdict {

/// One that nfverdict can probe.
struct Module {
    const char* name;     ///< as in /sys/module
    const char* relative; ///< below /lib/modules/RELEASE/kernel, without ".ko"
};
inline constexpr Module nf_tables_module{"nf_tables", "net/netfilter/nf_tables"};
inline constexpr Module x_tables_module{"x_tables", "net/netfilter/x_tables"};
inline constexpr Module ip_tables_module{"ip_tables", "net/ipv4/netfilter/ip_tables"};
inline constexpr Module ip6_tables_module{"ip6_tables", "net/ipv6/netfilter/ip6_tables"};
inline constexpr Module arp_tables_module{"arp_tables", "net/ipv4/netfilter/arp_tables"};
inline constexpr Module ebtables_module{"ebtables", "net/bridge/netfilter/ebtables"};

bool is_loaded(const std::string& module);

/// `modprobe NAME`, unless it is loaded. Failing is no error: is_loaded() tells.
void load_module(const std::string& module);

/// Build id of the running module from sysfs, hex; empty when the kernel does not tell.
std::string running_build_id(const std::string& module);

/// The bytes of the module's file, decompressed if need be.
/// Throws Error(lab) when there is none, or when it is not the file of the running module.
std::vector<std::uint8_t> read_module(const Module& module);

} // namespace nflab::nfverdict
