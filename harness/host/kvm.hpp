// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace nflab::host {

struct KvmAnswer {
    bool usable = false;
    std::string reason; ///< why not, for people; empty when usable
};

/// Asks KVM to do real work: a million iterations of a loop in long mode, within 50 ms of processor
/// time. Opening /dev/kvm, or even creating a virtual machine, succeeds on hosts whose KVM emulates
/// every instruction and would never finish booting a guest. Takes about 1 ms where KVM works and
/// at most half a second where it does not. Runs in a child process: a stuck vCPU cannot take us
/// along.
KvmAnswer probe_kvm();

/// probe_kvm(), remembered in the cache directory until the next boot of this host.
KvmAnswer kvm();

} // namespace nflab::host
