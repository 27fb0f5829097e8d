// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/trace_key.hpp"

#include "harness/base/error.hpp"
#include "harness/process/command.hpp"

namespace nflab::nfverdict {

TraceKey::TraceKey(const Netns& netns) : netns_(netns) {
    const InNetns inside(netns_);
    output_of({.argv = {"nft", "-f", "-"},
               .input = "table ip nfverdict_key { chain unhooked { meta nftrace set 1; }; }\n"});
}

TraceKey::~TraceKey() {
    try {
        const InNetns inside(netns_);
        run({.argv = {"nft", "delete", "table", "ip", "nfverdict_key"}});
    } catch (const Error&) {
        // The key goes down with the namespace, which does not outlive this process.
        return;
    }
}

} // namespace nflab::nfverdict
