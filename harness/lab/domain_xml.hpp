// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/plan/plan.hpp"

#include <string>
#include <vector>

/// libvirt's description of a vm node (https://libvirt.org/formatdomain.html). Pure.
namespace nflab::lab {

struct DomainFiles {
    std::string emulator;           ///< path of qemu-system-x86_64
    std::string agent_socket;       ///< unix socket that QEMU binds: the guest channel
    std::string console;            ///< file that takes the serial console
    std::vector<std::string> ports; ///< the node's taps, in the order of its interfaces
};

/// Name of the virtio-serial port that the guest's agent opens.
inline constexpr const char* channel_name = "org.nflab.agent";

/// The smallest pc-i440fx machine that runs the node: no video, USB, balloon, sound or RNG; disks
/// read-only and shared; whatever ends the guest ends the domain.
std::string domain_xml(const plan::Plan& plan, const plan::Node& node, const DomainFiles& files);

} // namespace nflab::lab
