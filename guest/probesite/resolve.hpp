// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/probesite/site.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nflab::probesite {

/// Resolves nf_tables.ko given as the bytes of the (decompressed) ELF relocatable file.
/// Pure: no I/O. Never throws on hostile bytes; anything unexpected is a Refusal.
std::variant<NftSites, Refusal> resolve_nft(std::span<const std::uint8_t> module);

/// The same for ip_tables.ko ("ipt_do_table"), ip6_tables.ko ("ip6t_do_table") and arp_tables.ko
/// ("arpt_do_table").
std::variant<IptSites, Refusal> resolve_ipt(std::span<const std::uint8_t> module,
                                            const std::string& function);

/// The same for ebtables.ko ("ebt_do_table").
std::variant<EbtSites, Refusal> resolve_ebt(std::span<const std::uint8_t> module);

/// Whether two places hold the same value before the instruction at `at` in `function`: one is a
/// copy of the other. False where that cannot be told. Never throws on hostile bytes.
bool same_value(std::span<const std::uint8_t> module, const std::string& function,
                const ProbePoint& at, const Location& one, const Location& other);

/// The register in which the function was handed what `place` holds there, if it is an argument as
/// it came in. Never throws on hostile bytes.
std::optional<Gpr> argument_at(std::span<const std::uint8_t> module, const std::string& function,
                               const ProbePoint& at, const Location& place);

/// Where a function lies within a module's file.
struct FunctionPlace {
    std::string name;
    std::string section; ///< ".text"
    std::uint64_t offset = 0;
};
/// Those of these names that the module has; none when it is no module.
std::vector<FunctionPlace> find_functions(std::span<const std::uint8_t> module,
                                          std::initializer_list<std::string_view> names);

/// The GNU build-id note of a module as hex; empty when there is none.
std::string build_id(std::span<const std::uint8_t> module);

} // namespace nflab::probesite
