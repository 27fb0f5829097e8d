// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>

namespace nflab::lab {

/// As root, libvirt's driver insists that the user and group it was built for exist, even when its
/// configuration names others. The package that makes them also starts system services, so where
/// they are missing this shows the lab copies of /etc/passwd and /etc/group that have them, in the
/// calling process's mount namespace only. `scratch` is a directory for the copies.
/// Throws Error(lab) when a mount is refused.
void provide_libvirt_users(const std::filesystem::path& scratch);

} // namespace nflab::lab
