// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace nflab::bench {

/// A program that watches packets in the bench's guest, and how its output is to be read.
struct Observer {
    std::string name;
    std::string program{}; ///< looked for in the guest; empty: nobody watches
    std::string command{}; ///< for a shell; its output goes to a file
    std::string ready{};   ///< grep's pattern in that file
    std::string seen{};    ///< shell: prints of how many packets the file tells
    std::string lost{};   ///< shell: prints how many the file says are lost; empty: it does not say
    std::string engine{}; ///< the only one that it can watch; empty: any
    std::string rule{};   ///< nft: a rule that must come first
};

/// The untraced case is the first.
const std::vector<Observer>& observers();

} // namespace nflab::bench
