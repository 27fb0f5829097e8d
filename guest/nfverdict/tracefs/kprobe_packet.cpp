// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tracefs/kprobe_packet.hpp"

#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/tracefs/kprobe_definition.hpp"

#include <utility>

namespace nflab::nfverdict {
namespace {

// Addresses of a frame, before the data or within it.
void read_mac(const KprobeHit& hit, std::int64_t from_data, nfv_event& event) {
    const auto before = hit.bytes("mac");
    const auto within = hit.bytes("bytes");
    const std::uint8_t* from = nullptr;
    if (from_data == -std::int64_t{kprobe_mac_size} && before.size() >= NFV_MAC)
        from = before.data();
    else if (from_data >= 0 && static_cast<std::size_t>(from_data) + NFV_MAC <= within.size())
        from = within.data() + from_data;
    if (!from)
        return;
    std::memcpy(event.mac, from, NFV_MAC);
    event.has_mac = 1;
}

// What the kernel read, and how far before the packet's data that begins.
std::pair<std::span<const std::uint8_t>, std::int64_t> bytes_of(const KprobeHit& hit) {
    if (hit.has("around"))
        return {hit.bytes("around"), std::int64_t{kprobe_around_lead}};
    return {hit.bytes("bytes"), 0};
}

} // namespace

void read_packet(const KprobeHit& hit, nfv_event& event) {
    constexpr unsigned byte = 8;
    event.skb = hit.number("skb");
    event.length = static_cast<std::uint32_t>(hit.number("length"));
    event.mark = static_cast<std::uint32_t>(hit.number("mark"));
    const auto protocol = static_cast<std::uint16_t>(hit.number("protocol"));
    event.protocol = static_cast<std::uint16_t>(protocol << byte | protocol >> byte);
    const auto [bytes, lead] = bytes_of(hit);
    const auto data = static_cast<std::int64_t>(hit.number("data") - hit.number("head"));
    const std::int64_t start = static_cast<std::int64_t>(hit.number("network_header")) - data;
    const std::int64_t linear =
        std::int64_t{event.length} - static_cast<std::int64_t>(hit.number("data_length"));
    const std::int64_t end = std::min(
        {linear, static_cast<std::int64_t>(bytes.size()) - lead, start + std::int64_t{NFV_HEADER}});
    if (start >= -lead && start < end) {
        event.header_length = static_cast<std::uint8_t>(end - start);
        std::memcpy(event.header, bytes.data() + lead + start, event.header_length);
    }
    constexpr std::uint64_t unset = 0xffff;
    const bool frame = event.pf == NFPROTO_NETDEV || event.pf == NFPROTO_BRIDGE;
    const std::uint64_t mac_header = hit.number("mac_header");
    if (frame && hit.has("mac_header") && mac_header != unset)
        read_mac(hit, static_cast<std::int64_t>(mac_header) - data, event);
}

void read_conntrack(const KprobeHit& hit, nfv_event& event) {
    constexpr std::uint64_t info_mask = 7;
    event.nfct = hit.number("nfct");
    const auto bytes = hit.bytes("conntrack");
    const std::size_t begin = kprobe_conntrack_lead - (event.nfct & info_mask);
    if ((event.nfct & ~info_mask) == 0 || begin + NFV_CONN > bytes.size())
        return;
    std::memcpy(event.conn, bytes.data() + begin, NFV_CONN);
}

void read_state(const KprobeHit& hit, nfv_event& event) {
    event.netns = static_cast<std::uint32_t>(hit.number("netns"));
    if (!hit.has("hook"))
        return;
    event.has_state = 1;
    event.hook = static_cast<std::uint8_t>(hit.number("hook"));
    event.pf = static_cast<std::uint8_t>(hit.number("pf"));
    copy_text(event.in, hit.text("in"));
    copy_text(event.out, hit.text("out"));
}

} // namespace nflab::nfverdict
