// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/nft_key_text.hpp"

#include "guest/nfverdict/nft/nft_datatype.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace nflab::nfverdict {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Texts = std::vector<std::string>;

constexpr std::size_t step = 4; ///< fields of a concatenation begin at whole registers

struct Field {
    unsigned datatype = 0;
    std::size_t at = 0;
    std::size_t size = 0;
};

// Empty when the sizes are not known, or do not fill the key.
std::vector<Field> fields_of(const NftVerdictMap& map) {
    constexpr unsigned bits = 6;
    std::vector<Field> fields;
    for (std::uint32_t types = map.key_type; types != 0; types >>= bits)
        fields.insert(fields.begin(), {types & ((1U << bits) - 1), 0, 0});
    if (fields.size() == 1) {
        fields[0].size = map.key_size;
        return fields;
    }
    if (!map.field_sizes.empty() && map.field_sizes.size() != fields.size())
        return {};
    std::size_t at = 0;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        fields[i].at = at;
        fields[i].size =
            map.field_sizes.empty() ? datatype_size(fields[i].datatype) : map.field_sizes[i];
        if (fields[i].size == 0)
            return {};
        at += (fields[i].size + step - 1) / step * step;
    }
    return at == map.key_size ? fields : std::vector<Field>();
}

// How many leading bits the ends of a range share, where it is all that begins with them.
std::optional<std::size_t> prefix_length(Bytes first, Bytes last) {
    std::size_t same = 0;
    const auto bit = [](Bytes bytes, std::size_t at) {
        return (bytes[at / 8] >> (7 - at % 8) & 1) != 0;
    };
    const std::size_t bits = first.size() * 8;
    while (same < bits && bit(first, same) == bit(last, same))
        ++same;
    for (std::size_t at = same; at < bits; ++at)
        if (bit(first, at) || !bit(last, at))
            return {};
    return same;
}

Texts range_texts(const NftVerdictMap& map, const Field& field, Bytes first, Bytes last,
                  const InterfaceNames& interfaces) {
    const auto single = [&](Bytes bytes) {
        return value_texts(field.datatype, bytes, map.interval, interfaces);
    };
    if (std::equal(first.begin(), first.end(), last.begin(), last.end()))
        return single(first);
    Texts out;
    for (const std::string& from : single(first))
        for (const std::string& to : single(last))
            out.push_back(fmt::format("{}-{}", from, to));
    const auto prefix = prefix_length(first, last);
    if (!prefix)
        return out;
    if (is_interface_name(field.datatype) && *prefix % 8 == 0) {
        const Bytes name = first.first(*prefix / 8);
        out.push_back(fmt::format("\"{}*\"", std::string(name.begin(), name.end())));
        return out;
    }
    for (const std::string& from : single(first))
        out.push_back(fmt::format("{}/{}", from, *prefix));
    return out;
}

// A listed element is its key, perhaps words about it, " : ", and its verdict.
bool is_listed_as(std::string_view listed, const std::string& key, const std::string& verdict) {
    constexpr std::array<std::string_view, 7> words{
        " comment ", " timeout ", " expires ", " counter ", " limit ", " quota ", " last "};
    const std::string end = " : " + verdict;
    if (!listed.ends_with(end) || !listed.starts_with(key))
        return false;
    listed.remove_suffix(end.size());
    listed.remove_prefix(key.size());
    return listed.empty() || std::any_of(words.begin(), words.end(), [&](std::string_view word) {
               return (std::string(listed) + " ").starts_with(word);
           });
}

std::string as_bytes(const NftVerdictMap& map, const NftMatch& match) {
    if (match.first.empty())
        return "*";
    std::vector<Field> fields = fields_of(map);
    if (fields.empty())
        fields = {{0, 0, match.first.size()}};
    Texts parts;
    for (const Field& field : fields) {
        const auto hex = [&](const std::vector<std::uint8_t>& key) {
            const Bytes bytes = Bytes(key).subspan(field.at, field.size);
            return fmt::format("0x{:02x}", fmt::join(bytes, ""));
        };
        const std::string first = hex(match.first);
        const std::string last = hex(match.last);
        parts.push_back(first == last ? first : fmt::format("{}-{}", first, last));
    }
    return fmt::format("{}", fmt::join(parts, " . "));
}

} // namespace

Texts key_texts(const NftVerdictMap& map, const NftMatch& match, const InterfaceNames& interfaces) {
    if (match.first.empty())
        return {"*"};
    Texts out;
    for (const Field& field : fields_of(map)) {
        const Texts texts =
            range_texts(map, field, Bytes(match.first).subspan(field.at, field.size),
                        Bytes(match.last).subspan(field.at, field.size), interfaces);
        if (texts.empty())
            return {};
        if (out.empty()) {
            out = texts;
            continue;
        }
        Texts longer;
        for (const std::string& head : out)
            for (const std::string& tail : texts)
                longer.push_back(fmt::format("{} . {}", head, tail));
        out = std::move(longer);
    }
    return out;
}

std::string element_text(const NftVerdictMap& map, const NftMatch& match,
                         const std::vector<std::string>& listed, const InterfaceNames& interfaces) {
    const std::string verdict = verdict_text(*match.element);
    const std::string* found = nullptr;
    bool several = false;
    for (const std::string& key : key_texts(map, match, interfaces))
        for (const std::string& text : listed)
            if (&text != found && is_listed_as(text, key, verdict)) {
                several = found != nullptr;
                found = &text;
            }
    if (found && !several)
        return *found;
    return as_bytes(map, match) + " : " + verdict;
}

} // namespace nflab::nfverdict
