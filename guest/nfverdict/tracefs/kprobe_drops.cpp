// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tracefs/kprobe_drops.hpp"

#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/legacy/legacy_api.hpp"
#include "guest/nfverdict/tracefs/kprobe_packet.hpp"
#include "guest/nfverdict/tracefs/make_room.hpp"

#include <algorithm>
#include <cstring>

namespace nflab::nfverdict {
namespace {

// As guest/bpf/event.h puts it: only verdicts that end the packet's way.
bool drops(const nfv_event& event) {
    const auto is_drop = [](std::int32_t verdict) {
        return verdict >= 0 && (static_cast<std::uint32_t>(verdict) & NF_VERDICT_MASK) == NF_DROP;
    };
    const bool bridge = event.ruleset == NFV_RULESET_XT && event.table_family == NFPROTO_BRIDGE;
    // What is dropped there goes on, as a packet for us.
    if (bridge && event.hook == NF_BR_BROUTING)
        return false;
    switch (event.kind) {
    case NFV_NFT_VERDICT:
        return is_drop(event.verdict);
    case NFV_NFT_POLICY:
        return event.policy == NF_DROP;
    case NFV_XT_STANDARD:
        return bridge
                   ? event.verdict == EBT_DROP
                   : event.verdict < 0 && event.verdict != XT_RETURN && is_drop(-event.verdict - 1);
    case NFV_XT_TARGET:
        return bridge ? event.verdict == EBT_DROP : is_drop(event.verdict);
    case NFV_XT_POLICY:
        return event.verdict == EBT_DROP;
    case NFV_XT_HOTDROP:
        return true;
    default:
        return false;
    }
}

bool is_kernel_address(std::uint64_t address) {
    constexpr unsigned user_bits = 47;
    constexpr std::uint64_t rest = 0x1ffff;
    return address >> user_bits == rest;
}

// As count_from_ip_header() of guest/bpf/drop.h.
void count_from_ip_header(const KprobeHit& hit, nfv_event& event) {
    constexpr unsigned version_shift = 4;
    const unsigned version = event.header[0] >> version_shift;
    const std::uint64_t header = hit.number("head") + hit.number("network_header");
    if (version == 4 || version == 6)
        event.length += static_cast<std::uint32_t>(hit.number("data") - header);
}

bool is_checked(const KprobeHit& hit) {
    // CHECKSUM_UNNECESSARY, CHECKSUM_PARTIAL of include/linux/skbuff.h
    const std::uint64_t summed = hit.number("summed");
    return summed == 1 || summed == 3 || hit.number("valid") != 0;
}

// By what stays the same on a packet's way where its addresses are not translated. An sk_buff's
// address alone says nothing: the next packet may well have it.
bool is_same_packet(const nfv_event& one, const nfv_event& other) {
    struct Part {
        std::size_t begin, size;
    };
    constexpr unsigned version_shift = 4;
    constexpr Part ipv4[] = {{4, 2}, {9, 1}, {12, 8}}; // identification, protocol, addresses
    constexpr Part ipv6[] = {{6, 1}, {8, 32}};         // next header, addresses
    const auto same = [&](const Part& part) {
        return std::equal(one.header + part.begin, one.header + part.begin + part.size,
                          other.header + part.begin);
    };
    const unsigned version = one.header[0] >> version_shift;
    if (version != unsigned{other.header[0]} >> version_shift)
        return false;
    return version == 4   ? std::ranges::all_of(ipv4, same)
           : version == 6 ? std::ranges::all_of(ipv6, same)
                          : false;
}

} // namespace

void KprobeDrops::told(const nfv_event& event) {
    if (!drops(event))
        return;
    // What is freed unseen, such as an ARP packet, stays.
    if (explained_.size() >= left_behind_at_most)
        std::erase_if(explained_,
                      [&](const auto& each) { return each.second + NFV_SOON < event.time; });
    explained_[event.skb] = event.time;
}

// The packet is freed: its sk_buff is somebody else's soon.
bool KprobeDrops::is_explained(std::uint64_t skb, std::uint64_t time) {
    const auto dropped = explained_.extract(skb);
    return dropped && time - dropped.mapped() <= NFV_SOON;
}

void KprobeDrops::enters_hook(const KprobeHit& hit) {
    make_room(hooks_);
    Hook& hook = hooks_[{hit.cpu, hit.number("skb")}];
    hook = {hit.number("__probe_ip"), hit.time, {}};
    read_state(hit, hook.state);
    const auto headers = hit.bytes("headers");
    std::ranges::copy(headers.first(std::min<std::size_t>(headers.size(), NFV_HEADER)),
                      hook.state.header);
}

void KprobeDrops::find_owner(const KprobeHit& hit, nfv_event& event) {
    const std::uint64_t device = hit.number("device");
    const std::uint64_t route = hit.number("route");
    std::uint64_t route_device = 0;
    if (is_kernel_address(route)) {
        const std::string flag = route & 1 ? "_flagged" : "";
        event.route_error = static_cast<std::int16_t>(hit.number("route_error" + flag));
        route_device = hit.number("route_device" + flag);
    }
    // UDP keeps lengths there while a packet is in a socket's queue.
    if (is_kernel_address(device)) {
        event.netns = static_cast<std::uint32_t>(hit.number("device_netns"));
        copy_text(device == route_device ? event.target : event.chain, hit.text("device_name"));
    } else if (is_kernel_address(hit.number("socket"))) {
        event.netns = static_cast<std::uint32_t>(hit.number("socket_netns"));
    }
}

// Where it was freed in that hook, its hook; and its namespace where nothing else tells it.
void KprobeDrops::find_hook(OnCpu packet, nfv_event& event) const {
    // A function of the kernel; nf_hook_slow and nf_queue are not as large.
    constexpr std::uint64_t function_size = 4096;
    const auto hook = hooks_.find(packet);
    if (hook == hooks_.end())
        return;
    const auto& [function, time, state] = hook->second;
    if (event.location - function < function_size) {
        event.has_state = 1;
        event.hook = state.hook;
        event.pf = state.pf;
        event.netns = state.netns;
        std::memcpy(event.in, state.in, sizeof(event.in));
        std::memcpy(event.out, state.out, sizeof(event.out));
    } else if (event.netns == 0 && event.time - time < NFV_SOON && is_same_packet(event, state)) {
        event.netns = state.netns;
    }
}

void KprobeDrops::enters_free(const KprobeHit& hit) {
    make_room(freeing_);
    nfv_event& event = freeing_[{hit.cpu, hit.number("skb")}];
    event = {};
    read_packet(hit, event);
    count_from_ip_header(hit, event);
    read_conntrack(hit, event);
    event.packet_type = static_cast<std::uint8_t>(hit.number("packet_type"));
    event.checked = is_checked(hit);
    find_owner(hit, event);
}

bool KprobeDrops::frees(const KprobeHit& hit, nfv_event& event) {
    const bool at_once = hit.kind == KprobeKind::dropped;
    const OnCpu packet{hit.cpu, hit.number(at_once ? "skb" : "skbaddr")};
    if (at_once)
        enters_free(hit);
    const auto known = freeing_.extract(packet);
    if (is_explained(packet.second, hit.time))
        return false;
    if (!known) {
        ++unknown_;
        return false;
    }
    nfv_event out = known.mapped();
    out.time = event.time;
    out.cpu = event.cpu;
    out.kind = event.kind;
    out.method = event.method;
    out.ruleset = event.ruleset;
    out.moment = event.moment;
    out.location = hit.number("location");
    out.reason = static_cast<std::uint32_t>(hit.number("reason"));
    find_hook(packet, out);
    event = out;
    return event.netns != 0;
}

} // namespace nflab::nfverdict
