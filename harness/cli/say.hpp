// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>

namespace nflab::cli {

/// A line of progress: on standard error, so that standard output stays the command's answer.
inline void say(const std::string& words) {
    fmt::print(stderr, "{}\n", words);
}

} // namespace nflab::cli
