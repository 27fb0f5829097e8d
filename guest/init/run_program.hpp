// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace nflab::agent {

/// Runs a program to its end with `input` as its standard input, and returns what it complained of
/// when it failed, for a person: for a program in batch mode, with the line that it stopped at.
/// Blocks; only for processes that serve nobody else meanwhile.
std::string run_program(const std::vector<std::string>& argv, const std::string& input = {});

} // namespace nflab::agent
