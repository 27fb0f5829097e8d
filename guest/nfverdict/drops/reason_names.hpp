// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace nflab::nfverdict {

/// Names of the running kernel's drop reasons. A reason's upper half names the subsystem that it
/// belongs to (enum skb_drop_reason_subsys, SKB_DROP_REASON_SUBSYS_SHIFT of
/// include/net/dropreason.h); 0 is the kernel's core. Pure.
class ReasonNames {
  public:
    using Names = std::map<std::uint32_t, std::string>;
    /// Names of an enumeration in a module's type information, or in the kernel's own for "";
    /// empty when it is not there.
    using Enumeration = std::function<Names(const std::string& module, const std::string& name)>;

    explicit ReasonNames(Enumeration enumeration);

    /// Whether the kernel says why it drops a packet (5.17 and later).
    bool any() const { return !core_.empty(); }
    /// Whether the core has this one, named without SKB_DROP_REASON_.
    bool has(const std::string& name) const;

    /// "NO_SOCKET"; "OVS_DROP_METER" where the subsystem's module names it, else
    /// "OPENVSWITCH reason 4", else "subsystem 3 reason 4". Empty for what says nothing.
    std::string name(std::uint32_t reason);

  private:
    const Names& of_subsystem(std::uint32_t subsystem);

    Enumeration enumeration_;
    Names core_;
    Names subsystems_;
    std::map<std::uint32_t, Names> modules_; ///< by subsystem
};

} // namespace nflab::nfverdict
