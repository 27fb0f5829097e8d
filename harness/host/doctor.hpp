// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace nflab::host {

struct Finding {
    std::string what; ///< "KVM", "bridges", …
    bool good = false;
    bool needed = false; ///< false: nflab works without it, only slower or with fewer commands
    std::string detail;  ///< what was seen
    std::string remedy;  ///< when not good
};

/// Tries each thing that a lab needs by doing it (in namespaces of its own), never by looking at a
/// version. Takes a few seconds; changes nothing on the host.
std::vector<Finding> examine();

} // namespace nflab::host
