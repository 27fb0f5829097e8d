// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/step/outcome.hpp"

#include <nlohmann/json_fwd.hpp>

#include <vector>

namespace nflab::report {

/// The document of `nflab run --json` (docs/formats/report.md).
nlohmann::json document(const std::vector<step::CellOutcome>& cells);

/// Packets and their paths alone, as in a step of that document.
nlohmann::json packets(const std::vector<verdict::SentPacket>& sent,
                       const std::vector<verdict::PacketPath>& paths);

} // namespace nflab::report
