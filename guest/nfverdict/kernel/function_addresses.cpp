// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/function_addresses.hpp"

#include "guest/probesite/resolve.hpp"

#include <fstream>

namespace nflab::nfverdict {

void FunctionAddresses::learn(const std::string& module, std::span<const std::uint8_t> file,
                              std::initializer_list<std::string_view> functions) {
    for (const auto& place : probesite::find_functions(file, functions)) {
        std::ifstream section("/sys/module/" + module + "/sections/" + place.section);
        std::uint64_t start = 0;
        // Zero is what a kernel says that hides its addresses (kptr_restrict).
        if (section >> std::hex >> start && start != 0)
            addresses_[place.name] = start + place.offset;
    }
}

std::optional<std::uint64_t> FunctionAddresses::find(const std::string& function) const {
    const auto found = addresses_.find(function);
    return found == addresses_.end() ? std::nullopt : std::optional(found->second);
}

} // namespace nflab::nfverdict
