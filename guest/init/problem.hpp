// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cerrno>
#include <cstring>
#include <string>

namespace nflab::agent {

/// "cannot open /x: No such file or directory": what was tried, and errno as it stands.
inline std::string problem(const std::string& what) {
    const int error = errno;
    return what + ": " + std::strerror(error);
}

} // namespace nflab::agent
