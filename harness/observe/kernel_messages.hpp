// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Records of /dev/kmsg (Documentation/ABI/testing/dev-kmsg).
namespace nflab::observe {

struct KernelMessage {
    int level = 0; ///< 0 (emerg) to 7 (debug)
    std::uint64_t sequence = 0;
    std::string text;
};

std::vector<KernelMessage> read_kernel_messages(std::string_view text);

} // namespace nflab::observe
