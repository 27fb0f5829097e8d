// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/config.h"
#include "guest/nfverdict/kernel/kernel_types.hpp"
#include "guest/nfverdict/legacy/legacy.hpp"
#include "guest/nfverdict/packet/conntrack.hpp"
#include "guest/probesite/site.hpp"

#include <optional>
#include <string>
#include <vector>

/// The layouts that the programs need, as configuration for them.
namespace nflab::nfverdict {

/// Adds to `checks` what was compared. Throws Error(lab) when a layout cannot be known.
nfv_nft_layout nft_layout(KernelTypes& types, const probesite::NftSites& sites,
                          std::vector<std::string>& checks);
nfv_xt_layout xt_layout(KernelTypes& types, std::vector<std::string>& checks);

std::optional<ConntrackLayout> conntrack_layout(KernelTypes& types);

nfv_nft_site to_config(const probesite::NftVerdictSite& site);
nfv_nft_site to_config(const probesite::NftPolicySite& site);
nfv_xt_site to_config(const probesite::IptSites& site, Legacy legacy);

/// Where struct ebt_table has its name.
std::uint32_t ebt_table_name(KernelTypes& types);
/// Adds to `checks`, and throws, as the layouts do.
nfv_ebt_site ebt_config(KernelTypes& types, const probesite::EbtSites& sites,
                        std::vector<std::string>& checks);

} // namespace nflab::nfverdict
