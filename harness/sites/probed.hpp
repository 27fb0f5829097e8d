// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/sites/described.hpp"

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace nflab::sites {

/// A function of the kernel that nfverdict probes in its middle, and who finds the place.
struct Probed {
    std::string module;   ///< as lsmod has it: "nf_tables"
    std::string function; ///< "nft_do_chain"
    std::variant<Described, probesite::Refusal> (*resolve)(std::span<const std::uint8_t> module);
};

const std::vector<Probed>& all_probed();

/// The modules that all_probed() names.
std::set<std::string> probed_modules();

/// Which compiler made a module, from its .comment section: "GCC 14.2.0"; empty when it does not
/// say. Never throws. Pure.
std::string compiler_of(std::span<const std::uint8_t> module);

} // namespace nflab::sites
