// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/traffic/options.hpp"

#include <string>

namespace nflab::traffic {

/// Listens on an nfnetlink queue and says the same verdict about each packet, until SIGTERM or
/// SIGINT. Writes a line when it listens (docs/formats/traffic.md). Returns why it could not.
std::string judge(const JudgeOptions& options);

} // namespace nflab::traffic
