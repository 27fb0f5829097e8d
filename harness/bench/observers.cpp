// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/bench/observers.hpp"

namespace nflab::bench {
namespace {

// nfverdict's last line has the totals.
constexpr const char* records = "sed -n 's/.*\"records\":\\([0-9]*\\).*/\\1/p' $OUT | tail -n 1";
constexpr const char* lost = "sed -n 's/.*\"lost\":\\([0-9]*\\).*/\\1/p' $OUT | tail -n 1";

// Told on the side; more often when more is lost.
constexpr const char* bpftrace_lost =
    "awk '/^Lost [0-9]+ events/ {n += $2} END {print n + 0}' $OUT";

} // namespace

const std::vector<Observer>& observers() {
    static const std::vector<Observer> all{
        {.name = "untraced"},
        {.name = "nfverdict, records made",
         .program = "nfverdict",
         .command = "nfverdict trace --json --load --count --until-eof",
         .ready = "\"ready\"",
         .seen = records,
         .lost = lost},
        {.name = "nfverdict, records written as JSON",
         .program = "nfverdict",
         .command = "nfverdict trace --json --load --until-eof",
         .ready = "\"ready\"",
         .seen = records,
         .lost = lost},
        {.name = "nft monitor trace",
         .program = "nft",
         .command = "echo ready; ip netns exec rx nft monitor trace",
         .ready = "ready",
         .seen = "grep -c 'rule udp dport 9 .*verdict accept' $OUT",
         .engine = "nft",
         .rule = "meta nftrace set 1"},
        {.name = "bpftrace, one line at nft_do_chain's return",
         .program = "bpftrace",
         .command = "bpftrace -e 'kretprobe:nft_do_chain { printf(\"v %d\\n\", retval); }'",
         .ready = "Attaching",
         .seen = "grep -c '^v ' $OUT",
         .lost = bpftrace_lost,
         .engine = "nft"},
        {.name = "bpftrace, one line at ipt_do_table's return",
         .program = "bpftrace",
         .command = "bpftrace -e 'kretprobe:ipt_do_table { printf(\"v %d\\n\", retval); }'",
         .ready = "Attaching",
         .seen = "grep -c '^v ' $OUT",
         .lost = bpftrace_lost,
         .engine = "iptables"},
        {.name = "pwru",
         .program = "pwru",
         .command = "pwru 'udp dst port 9'",
         .ready = "Listening",
         .seen = "awk '$1 ~ /^0x/ {print $1}' $OUT | sort -u | wc -l"},
    };
    return all;
}

} // namespace nflab::bench
