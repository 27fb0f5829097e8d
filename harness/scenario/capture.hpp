// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/position.hpp"

#include <optional>
#include <string>

/// What a step captures, and what must be in a capture.
namespace nflab::scenario {

/// Runs from before a step's commands until all of its traffic has been sent and answered.
struct Capture {
    std::string name; ///< of its own in the step; letters, digits, '-' and '_'
    std::string node;
    std::string interface; ///< "any": all of them
    std::string filter;    ///< pcap-filter(7), its node names replaced by addresses; empty: all
    Position where;
};

/// Which packets of a capture an expectation is about.
struct CaptureMatch {
    std::string name;
    std::string filter; ///< as Capture::filter
};

} // namespace nflab::scenario
