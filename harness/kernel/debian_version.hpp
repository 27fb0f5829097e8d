// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

namespace nflab::kernel {

/// Orders two Debian package versions as dpkg does (deb-version(7)): negative when `left` is older,
/// 0 when equal, positive when newer. "1.0~rc1" is older than "1.0". Pure.
int compare_debian_versions(std::string_view left, std::string_view right);

} // namespace nflab::kernel
