// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/model.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

/// What this process may use of the machine, and how many labs that is.
namespace nflab::matrix {

struct Resources {
    double processors = 1;
    std::uint64_t memory_mib = 0; ///< that can be taken without swapping
};

/// The processors that this process may run on, and the memory that is available; both also held
/// against the limits of its control group and of every one above it (Documentation/admin-guide/
/// cgroup-v2.rst: cpu.max, memory.max, memory.current; v1: cpu.cfs_quota_us,
/// memory.limit_in_bytes). What cannot be read limits nothing. `root` is prepended to /proc and
/// /sys, for tests.
Resources resources(const std::filesystem::path& root = "/");

/// What a scenario's lab needs at most, with QEMU's own share.
std::uint64_t memory_need_mib(const scenario::Scenario& scenario);

/// How many cells run at once: one for each processor, as long as the largest of them fits as often
/// into three quarters of the memory; at least 1.
unsigned default_jobs(const Resources& resources, const std::vector<scenario::Scenario>& scenarios);

} // namespace nflab::matrix
