// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/kernel/kernel_types.hpp"
#include "guest/nfverdict/tracefs/kprobe_definition.hpp"

namespace nflab::nfverdict {

/// Where packets, devices and namespaces have what records tell of them.
/// Throws Error(lab) naming the member that the type information lacks.
PacketLayout packet_layout(KernelTypes& types);

} // namespace nflab::nfverdict
