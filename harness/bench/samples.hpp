// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

namespace nflab::bench {

/// Wall times of one thing, in seconds. At least one.
struct Samples {
    std::vector<double> seconds;

    double median() const;
    double least() const;
    double most() const;
};

} // namespace nflab::bench
