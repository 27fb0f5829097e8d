// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/bench/samples.hpp"

#include <algorithm>

namespace nflab::bench {

double Samples::median() const {
    std::vector<double> sorted = seconds;
    std::sort(sorted.begin(), sorted.end());
    const std::size_t middle = sorted.size() / 2;
    return sorted.size() % 2 ? sorted.at(middle) : (sorted.at(middle - 1) + sorted.at(middle)) / 2;
}

double Samples::least() const {
    return *std::min_element(seconds.begin(), seconds.end());
}

double Samples::most() const {
    return *std::max_element(seconds.begin(), seconds.end());
}

} // namespace nflab::bench
