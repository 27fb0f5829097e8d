// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/probesite/site.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nflab::probesite {

using Bytes = std::vector<std::uint8_t>;

/// A module out of tests/unit/probesite/modules/<release>/, or the untrimmed one out of the
/// directory that the environment variable NFLAB_TEST_MODULES names, when it has that.
Bytes load_module(const std::string& release, const std::string& name);

/// The releases that there are trimmed modules of.
std::vector<std::string> fixture_releases();

/// "rbx", "[rsp+0x10]": short enough for tables of expected values.
std::string show(const Location& location);
std::string show(const ProbePoint& point);

} // namespace nflab::probesite
