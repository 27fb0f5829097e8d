// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/debian_version.hpp"

#include <cstddef>
#include <utility>

namespace nflab::kernel {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Sorting weight of a character outside numbers: '~' before the end, letters before the rest.
int weight(std::string_view text, std::size_t at) {
    if (at >= text.size() || is_digit(text[at]))
        return 0;
    const char c = text[at];
    if (c == '~')
        return -1;
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return letter ? c : c + 256;
}

std::string_view take_number(std::string_view text, std::size_t& at) {
    while (at < text.size() && text[at] == '0')
        ++at;
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at]))
        ++at;
    return text.substr(begin, at - begin);
}

int compare_numbers(std::string_view left, std::string_view right) {
    if (left.size() != right.size())
        return left.size() < right.size() ? -1 : 1;
    return left.compare(right);
}

int compare_parts(std::string_view left, std::string_view right) {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < left.size() || j < right.size()) {
        while ((i < left.size() && !is_digit(left[i])) ||
               (j < right.size() && !is_digit(right[j]))) {
            const int difference = weight(left, i) - weight(right, j);
            if (difference != 0)
                return difference;
            ++i;
            ++j;
        }
        const int difference = compare_numbers(take_number(left, i), take_number(right, j));
        if (difference != 0)
            return difference;
    }
    return 0;
}

struct Parts {
    std::string_view epoch;
    std::string_view upstream;
    std::string_view revision;
};

Parts split(std::string_view version) {
    Parts parts{"0", version, "0"};
    if (const auto colon = version.find(':'); colon != std::string_view::npos) {
        parts.epoch = version.substr(0, colon);
        parts.upstream = version.substr(colon + 1);
    }
    if (const auto dash = parts.upstream.rfind('-'); dash != std::string_view::npos) {
        parts.revision = parts.upstream.substr(dash + 1);
        parts.upstream = parts.upstream.substr(0, dash);
    }
    return parts;
}

} // namespace

int compare_debian_versions(std::string_view left, std::string_view right) {
    const Parts a = split(left);
    const Parts b = split(right);
    for (const auto& [x, y] : {std::pair(a.epoch, b.epoch), std::pair(a.upstream, b.upstream),
                               std::pair(a.revision, b.revision)}) {
        const int difference = compare_parts(x, y);
        if (difference != 0)
            return difference;
    }
    return 0;
}

} // namespace nflab::kernel
