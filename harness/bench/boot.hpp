// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/progress.hpp"
#include "harness/bench/samples.hpp"
#include "harness/plan/plan.hpp"

#include <cstdint>
#include <string>

namespace nflab::bench {

struct BootOptions {
    std::string kernel; ///< empty: the default
    std::string accelerator = "auto";
    int rounds = 5; ///< 1 to 100
};

/// All of one run, taken in turns, so that other load on the machine hits all alike.
struct BootResult {
    std::string kernel_release;
    std::string accelerator;
    Samples bare;      ///< bare QEMU and bzImage: first line of user space
    Samples one_guest; ///< start of the lab to agent ready
    Samples three_guests;
    Samples down;                    ///< end of the one-guest lab
    std::uint64_t guest_rss_kib = 0; ///< largest resident memory of a guest's QEMU
    int guest_memory_mib = 0;
};

BootResult measure_boot(const BootOptions& options, Progress& progress);

} // namespace nflab::bench
