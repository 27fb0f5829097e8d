// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tracefs/trace_page.hpp"

#include "guest/probesite/bytes.hpp"

#include <algorithm>

namespace nflab::nfverdict {
namespace {

// enum ring_buffer_type; what is smaller is the length in words.
enum : std::uint32_t { padding = 29, time_extend = 30, time_stamp = 31 };

} // namespace

void parse_trace_page(
    std::span<const std::uint8_t> page,
    const std::function<void(std::uint64_t time, std::span<const std::uint8_t> event)>& sink) {
    constexpr std::size_t header = 16; // u64 time_stamp, local_t commit
    constexpr std::uint32_t length_bits = 5;
    constexpr std::uint32_t delta_bits = 27;
    constexpr std::uint64_t size_mask = (1U << 20) - 1; // above are flags about lost events
    constexpr std::uint64_t stamp_bits = 59;
    constexpr std::size_t word = 4;
    if (page.size() < header)
        return;
    auto time = probesite::value_at<std::uint64_t>(page, 0);
    const std::size_t end = std::min<std::size_t>(
        header + (probesite::value_at<std::uint64_t>(page, 8) & size_mask), page.size());
    for (std::size_t at = header; at + word <= end;) {
        const auto head = probesite::value_at<std::uint32_t>(page, at);
        const std::uint32_t kind = head & ((1U << length_bits) - 1);
        const std::uint64_t delta = head >> length_bits;
        const auto next_word = probesite::value_at<std::uint32_t>(page, at + word);
        if (kind == padding && delta == 0)
            return; // up to the end of the page
        if (kind == time_extend || kind == time_stamp) {
            const std::uint64_t whole =
                (static_cast<std::uint64_t>(next_word) << delta_bits) + delta;
            time = kind == time_extend ? time + whole : (time >> stamp_bits << stamp_bits) | whole;
            at += 2 * word;
            continue;
        }
        time += delta;
        if (kind == padding) {
            at += word + next_word;
            continue;
        }
        const std::size_t begin = kind == 0 ? at + 2 * word : at + word;
        const std::size_t after = kind == 0 ? at + word + next_word : begin + kind * word;
        if (after > end || after < begin)
            return;
        sink(time, page.subspan(begin, after - begin));
        at = after;
    }
}

} // namespace nflab::nfverdict
