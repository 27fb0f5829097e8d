// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/legacy/legacy.hpp"

#include <cstdint>
#include <span>
#include <string>

/// What an entry of a legacy table asks of a packet before its matches do. Pure.
namespace nflab::nfverdict {

/// The conditions of struct ipt_entry, ip6t_entry, arpt_entry or ebt_entry as the options of
/// iptables, ip6tables, arptables or ebtables; "" when every packet fits. `entry` begins at the
/// entry and reaches over all of its header.
std::string entry_conditions(Legacy engine, std::span<const std::uint8_t> entry);

} // namespace nflab::nfverdict
