// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/event.h"
#include "guest/nfverdict/tracefs/kprobe_hit.hpp"

#include <algorithm>
#include <cstring>
#include <string>

/// What a hit's fields say about the packet and its hook, put into an event. Pure.
namespace nflab::nfverdict {

/// Headers, lengths and mark; of netdev's and bridge's packets also the frame's addresses, so the
/// hook's state must have been read.
void read_packet(const KprobeHit& hit, nfv_event& event);
/// The connection tracking entry; nothing where the address of it is empty.
void read_conntrack(const KprobeHit& hit, nfv_event& event);
/// Namespace, hook and devices; the namespace alone where the hit has no more.
void read_state(const KprobeHit& hit, nfv_event& event);

/// Cut where it does not fit; the event's field is zero before.
template <std::size_t N>
void copy_text(char (&to)[N], const std::string& text) {
    std::memcpy(to, text.data(), std::min(text.size(), N - 1));
}

} // namespace nflab::nfverdict
