// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/probesite/site.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// The probe sites of kernels that are not running (docs/probe-sites.md).
namespace nflab::sites {

/// What lies where at a site; `name` as in guest/probesite/site.hpp: "rule", "pkt", "skb", …
struct DescribedValue {
    std::string name;
    probesite::Location at;
    /// The value is not there: it is the address of what is there, an object on the stack.
    bool is_object = false;
};

/// One probe point: "verdict", "traced verdict", "policy", "matched entry", "hotdrop", "entry", …
struct DescribedSite {
    std::string name;
    probesite::ProbePoint at;
    std::vector<DescribedValue> values;
};

/// The same form for the sites of every engine.
struct Described {
    std::string build_id;
    std::vector<DescribedSite> sites;
    std::string layout;
    std::vector<std::string> checks;

    const DescribedSite* find(const std::string& site) const;
};

/// Pure.
Described describe(const probesite::NftSites& sites);
Described describe(const probesite::IptSites& sites);
Described describe(const probesite::EbtSites& sites);

/// "r14", "[rsp+0x20]". Pure.
std::string to_text(const probesite::Location& location);

/// "+0x1d5"; with the function's name before it where that is not `function`. Pure.
std::string to_text(const probesite::ProbePoint& point, const std::string& function);

} // namespace nflab::sites
