// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/capture_counts.hpp"

#include <charconv>

namespace nflab::step {
namespace {

// The number in front of " packet" or " packets" and `what`.
std::optional<std::uint64_t> count_before(std::string_view words, std::string_view what) {
    for (const std::string_view noun : {" packets ", " packet "}) {
        for (std::size_t at = words.find(noun); at != std::string_view::npos;
             at = words.find(noun, at + 1)) {
            if (words.substr(at + noun.size(), what.size()) != what)
                continue;
            std::size_t begin = at;
            while (begin > 0 && words[begin - 1] >= '0' && words[begin - 1] <= '9')
                --begin;
            std::uint64_t number = 0;
            const auto [end, error] =
                std::from_chars(words.data() + begin, words.data() + at, number);
            if (error == std::errc{} && end == words.data() + at)
                return number;
        }
    }
    return {};
}

} // namespace

std::optional<CaptureCounts> capture_counts(std::string_view words) {
    const auto captured = count_before(words, "captured");
    const auto received = count_before(words, "received by filter");
    const auto dropped = count_before(words, "dropped by kernel");
    if (!captured || !received || !dropped)
        return {};
    return CaptureCounts{*captured, *received, *dropped};
}

} // namespace nflab::step
