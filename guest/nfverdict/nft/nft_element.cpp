// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/nft_element.hpp"

#include "guest/nfverdict/kernel/kernel_api.hpp"

#include <algorithm>

namespace nflab::nfverdict {
namespace {

using Bytes = std::span<const std::uint8_t>;

bool less(Bytes a, Bytes b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

bool equal(Bytes a, Bytes b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

// A concatenation of ranges: every field must be within its own.
bool within_fields(const NftVerdictMap& map, const NftMapElement& element, Bytes key) {
    constexpr std::size_t step = 4;
    const Bytes first = element.key;
    const Bytes last = element.key_end.empty() ? element.key : element.key_end;
    if (first.size() != key.size() || last.size() != key.size())
        return false;
    std::size_t at = 0;
    for (const std::size_t size : map.field_sizes) {
        if (size == 0 || at + size > key.size())
            return false;
        const Bytes field = key.subspan(at, size);
        if (less(field, first.subspan(at, size)) || less(last.subspan(at, size), field))
            return false;
        at += (size + step - 1) / step * step;
    }
    return at == key.size();
}

NftMatch find_range(const NftVerdictMap& map, Bytes key) {
    // Ranges are two elements, a beginning and the first key behind the end. Where one ends and
    // the next begins with the same key, the beginning counts.
    const NftMapElement* nearest = nullptr;
    const NftMapElement* next_end = nullptr;
    for (const NftMapElement& element : map.elements) {
        if (element.key.size() != key.size())
            continue;
        if (less(key, element.key)) {
            if (!next_end || less(element.key, next_end->key))
                next_end = &element;
        } else if (!nearest || less(nearest->key, element.key) ||
                   (equal(nearest->key, element.key) && nearest->interval_end)) {
            nearest = &element;
        }
    }
    if (!nearest || nearest->interval_end)
        return {};
    NftMatch match{nearest, nearest->key, {}};
    match.last.assign(key.size(), 0xff);
    if (next_end) {
        match.last = next_end->key;
        for (auto byte = match.last.rbegin(); byte != match.last.rend() && (*byte)-- == 0; ++byte) {
        }
    }
    return match;
}

} // namespace

NftMatch find_element(const NftVerdictMap& map, Bytes key) {
    if (key.size() != map.key_size)
        return {};
    if (map.interval && map.field_sizes.empty()) {
        if (NftMatch match = find_range(map, key); match.element)
            return match;
    } else {
        for (const NftMapElement& element : map.elements)
            if (map.field_sizes.empty() ? equal(element.key, key)
                                        : within_fields(map, element, key))
                return {&element, element.key,
                        element.key_end.empty() ? element.key : element.key_end};
    }
    for (const NftMapElement& element : map.elements)
        if (element.key.empty())
            return {&element, {}, {}};
    return {};
}

std::string verdict_text(const NftMapElement& element) {
    switch (element.code) {
    case NF_DROP:
        return "drop";
    case NF_ACCEPT:
        return "accept";
    case NFT_CONTINUE:
        return "continue";
    case NFT_RETURN:
        return "return";
    case NFT_JUMP:
        return "jump " + element.chain;
    case NFT_GOTO:
        return "goto " + element.chain;
    default:
        return {};
    }
}

} // namespace nflab::nfverdict
