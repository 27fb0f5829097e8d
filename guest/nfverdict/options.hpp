// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/records/record_filter.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace nflab::nfverdict {

enum class Method { site, decoy, kprobe_events, fexit, kretprobe };

/// Whose call stacks are reported (kretprobe only). All that is set must hold.
struct StackFilter {
    std::string verdict = "drop"; ///< or "any"
    std::string address;          ///< source or destination
    std::optional<std::uint16_t> port;
    std::optional<std::uint16_t> protocol; ///< IPPROTO_*
    std::optional<unsigned> rate;          ///< call stacks in a second
};

struct Options {
    bool all = false;             ///< also verdicts after which the same hook function goes on
    std::optional<Method> method; ///< empty: sites, and others where they are refused
    bool cross_check = false;     ///< both for nftables, and compared
    bool load = false;            ///< modprobe what can be observed
    bool count = false;           ///< records are made and counted, but not written
    bool until_eof = false;       ///< the end of standard input ends the trace
    std::optional<std::chrono::seconds> duration;
    bool json = false;   ///< records as JSON lines, else as text
    std::string packets; ///< pcap-filter(7); empty: every packet
    RecordFilter records;
    std::string module_file = "/run/nflab/nflab_kretprobe.ko"; ///< where the lab puts it
    std::optional<StackFilter> stack;
};

} // namespace nflab::nfverdict
