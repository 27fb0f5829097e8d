// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>

namespace nflab::kernel {

/// Told, in plain words, what takes time ("fetching linux-image-… 6.12.94-1, 33 MB"). May be empty.
using Progress = std::function<void(const std::string&)>;

inline void tell(const Progress& progress, const std::string& words) {
    if (progress)
        progress(words);
}

} // namespace nflab::kernel
