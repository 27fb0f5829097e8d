// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace nflab::scenario {

/// A place in a scenario file; line and column count from 1. line 0: not from a file.
struct Position {
    int line = 0;
    int column = 0;
    int file = 0; ///< 0: the scenario's own; else the included one of that number
};

} // namespace nflab::scenario
