// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/step/outcome.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace nflab::report {

/// The document of `nflab run --json` (docs/formats/report.md).
nlohmann::json document(const std::vector<step::CellOutcome>& cells);

/// One step of that document, and one cell without its steps.
nlohmann::json step_object(const step::StepOutcome& step);
nlohmann::json cell_object(const step::CellOutcome& cell);

/// "passed", "failed", "skipped" or "error".
const char* word(step::CellOutcome::Status status);

/// As text. What is not UTF-8 in it, such as a command's output, becomes U+FFFD; `indent` -1: one
/// line.
std::string dump(const nlohmann::json& value, int indent = -1);

/// Packets and their paths alone, as in a step of that document.
nlohmann::json packets(const std::vector<verdict::SentPacket>& sent,
                       const std::vector<verdict::PacketPath>& paths);

} // namespace nflab::report
