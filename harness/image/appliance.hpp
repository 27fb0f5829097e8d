// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/kernel/progress.hpp"

#include <filesystem>

struct guestfs_h;

namespace nflab::image {

/// A libguestfs handle whose appliance runs nflab's default kernel out of the cache, so that the
/// host needs no kernel package of its own. Frees the handle, which ends the appliance.
class Appliance {
  public:
    /// Adds the disk and starts. Where the host has no /lib/modules, which supermin insists on,
    /// this process moves to a mount namespace of its own that has one: only for commands that end
    /// soon. Throws Error(lab).
    Appliance(const std::filesystem::path& disk, bool use_kvm, const kernel::Progress& progress);
    ~Appliance();
    Appliance(const Appliance&) = delete;
    Appliance& operator=(const Appliance&) = delete;

    guestfs_h* get() const { return handle_; }

    /// Throws Error(lab) with libguestfs' last error unless `status` is 0 or more.
    void check(int status) const;

  private:
    guestfs_h* handle_;
};

} // namespace nflab::image
