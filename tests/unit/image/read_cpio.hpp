// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nflab::test {

struct CpioEntry {
    unsigned type = 0; ///< S_IFREG, …
    unsigned mode = 0;
    std::string content;
    unsigned major = 0;
    unsigned minor = 0;
};

/// Entries of a chain of newc archives by name, in `order` of appearance; a later one wins.
std::map<std::string, CpioEntry> read_cpio(std::string_view bytes,
                                           std::vector<std::string>* order = nullptr);

} // namespace nflab::test
