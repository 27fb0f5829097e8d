// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/sites/survey.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

/// What a survey found, for people, programs and the documentation. Pure.
namespace nflab::sites {

/// One document: an array of kernels (docs/formats/sites.md).
nlohmann::json to_json(const std::vector<KernelReport>& reports);

/// Lines for a terminal.
std::string to_text(const std::vector<KernelReport>& reports);

/// Tables in Markdown, one row per kernel. Times are left out: the same kernels give the same text.
std::string to_markdown(const std::vector<KernelReport>& reports);

/// Counts of what was resolved, refused and compared, and the longest time that a kernel took.
std::string summary(const std::vector<KernelReport>& reports);

} // namespace nflab::sites
