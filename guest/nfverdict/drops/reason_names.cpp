// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/drops/reason_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace nflab::nfverdict {
namespace {

constexpr unsigned subsystem_shift = 16; // SKB_DROP_REASON_SUBSYS_SHIFT
constexpr std::uint32_t within_mask = 0xffff;

// The modules that name reasons of their own (drop_reasons_register_subsys).
struct Owner {
    std::string_view subsystem; ///< the beginning of its name
    const char* module;
    const char* enumeration;
};
constexpr std::array owners{Owner{"MAC80211", "mac80211", "mac80211_drop_reason"},
                            Owner{"OPENVSWITCH", "openvswitch", "ovs_drop_reason"}};

ReasonNames::Names without(const std::string& prefix, const ReasonNames::Names& names) {
    ReasonNames::Names out;
    for (const auto& [value, name] : names)
        if (name.starts_with(prefix))
            out.emplace(value, name.substr(prefix.size()));
    return out;
}

} // namespace

ReasonNames::ReasonNames(Enumeration enumeration)
    : enumeration_(std::move(enumeration)),
      core_(without("SKB_DROP_REASON_", enumeration_("", "skb_drop_reason"))),
      subsystems_(without("SKB_DROP_REASON_SUBSYS_", enumeration_("", "skb_drop_reason_subsys"))) {}

bool ReasonNames::has(const std::string& name) const {
    return std::any_of(core_.begin(), core_.end(),
                       [&](const auto& each) { return each.second == name; });
}

const ReasonNames::Names& ReasonNames::of_subsystem(std::uint32_t subsystem) {
    const auto [entry, fresh] = modules_.try_emplace(subsystem);
    const auto name = subsystems_.find(subsystem);
    if (fresh && name != subsystems_.end())
        for (const Owner& owner : owners)
            if (name->second.starts_with(owner.subsystem))
                entry->second = enumeration_(owner.module, owner.enumeration);
    return entry->second;
}

std::string ReasonNames::name(std::uint32_t reason) {
    const std::uint32_t subsystem = reason >> subsystem_shift;
    if (subsystem == 0) {
        const auto found = core_.find(reason);
        return found == core_.end() || found->second == "NOT_SPECIFIED" ? "" : found->second;
    }
    const Names& own = of_subsystem(subsystem);
    if (const auto found = own.find(reason); found != own.end())
        return found->second;
    const auto name = subsystems_.find(subsystem);
    return name == subsystems_.end()
               ? fmt::format("subsystem {} reason {}", subsystem, reason & within_mask)
               : fmt::format("{} reason {}", name->second, reason & within_mask);
}

} // namespace nflab::nfverdict
