// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/trace_key.hpp"

#include "guest/nfverdict/nft/nft_batch.hpp"
#include "harness/base/error.hpp"

namespace nflab::nfverdict {
namespace {

constexpr const char* table = "nfverdict_key";

} // namespace

TraceKey::TraceKey(const Netns& netns) : netns_(netns) {
    const InNetns inside(netns_);
    NftBatch batch;
    batch.add_table(table);
    batch.add_chain(table, "unhooked");
    batch.add_rule(table, "unhooked", {.trace = true});
    batch.commit();
}

TraceKey::~TraceKey() {
    try {
        const InNetns inside(netns_);
        NftBatch batch;
        batch.delete_table(table);
        batch.commit();
    } catch (const Error&) {
        // The key goes down with the namespace, which does not outlive this process.
        return;
    }
}

} // namespace nflab::nfverdict
