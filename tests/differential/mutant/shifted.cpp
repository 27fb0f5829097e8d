// SPDX-License-Identifier: GPL-2.0-or-later
// nfverdict-mutant is nfverdict with this file linked in between (the linker's --wrap): every rule
// that its probes have found is taken for the one behind it, for the one before it at the end of a
// chain. It attaches, passes its self-test and answers as fluently as the real one. The witness
// test must catch it. Never installed.
#include "guest/nfverdict/nft/nft_listing.hpp"
#include "guest/nfverdict/records/explain_nft.hpp"
#include "guest/nfverdict/records/explain_xt.hpp"

#include <sys/stat.h>

#include <iterator>

namespace nflab::nfverdict {
namespace {

bool in_self_test(const verdict::Record& record) {
    struct stat machine {};
    return ::stat("/proc/1/ns/net", &machine) == 0 && record.netns != machine.st_ino;
}

} // namespace

void resolved_nft(const nfv_event& event, const Candidates<NftSnapshot>& candidates,
                  verdict::Record& record) asm("__real_" NFLAB_EXPLAIN_NFT);
void shifted_nft(const nfv_event& event, const Candidates<NftSnapshot>& candidates,
                 verdict::Record& record) asm("__wrap_" NFLAB_EXPLAIN_NFT);
void resolved_xt(const nfv_event& event, const Candidates<XtSnapshot>& candidates,
                 verdict::Record& record) asm("__real_" NFLAB_EXPLAIN_XT);
void shifted_xt(const nfv_event& event, const Candidates<XtSnapshot>& candidates,
                verdict::Record& record) asm("__wrap_" NFLAB_EXPLAIN_XT);

void shifted_nft(const nfv_event& event, const Candidates<NftSnapshot>& candidates,
                 verdict::Record& record) {
    if (in_self_test(record))
        return resolved_nft(event, candidates, record);
    nfv_event wrong = event;
    for (const auto& snapshot : candidates) {
        const NftTable* table = snapshot->listing.table(record.family, record.table);
        const NftPlace place = table ? find_rule(*table, event.rule) : NftPlace{};
        if (!place.rule)
            continue;
        const auto& rules = place.chain->rules;
        if (place.number < rules.size())
            wrong.rule = rules[place.number].handle;
        else if (place.number > 1)
            wrong.rule = rules[place.number - 2].handle;
    }
    if (record.rule_kind == verdict::RuleKind::rule)
        record.rule = wrong.rule;
    resolved_nft(wrong, candidates, record);
}

void shifted_xt(const nfv_event& event, const Candidates<XtSnapshot>& candidates,
                verdict::Record& record) {
    if (in_self_test(record))
        return resolved_xt(event, candidates, record);
    nfv_event wrong = event;
    for (const auto& snapshot : candidates) {
        const auto found = snapshot->entries.find(event.entry);
        if (found == snapshot->entries.end() || found->second.kind != XtEntry::Kind::rule)
            continue;
        const auto next = std::next(found);
        if (next != snapshot->entries.end() && next->second.kind == XtEntry::Kind::rule &&
            next->second.chain == found->second.chain)
            wrong.entry = next->first;
        else if (found->second.number > 1)
            wrong.entry = std::prev(found)->first;
    }
    resolved_xt(wrong, candidates, record);
}

} // namespace nflab::nfverdict
