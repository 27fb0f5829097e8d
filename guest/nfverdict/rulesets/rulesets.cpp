// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/rulesets/rulesets.hpp"

#include "guest/nfverdict/kernel/netns.hpp"
#include "guest/nfverdict/legacy/table_reader.hpp"
#include "guest/nfverdict/rulesets/snapshot.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>

#include <chrono>
#include <thread>

namespace nflab::nfverdict {

void Rulesets::complain(std::uint32_t netns, const std::string& message) {
    if (complaints_.emplace(netns, message).second)
        hooks_.notice(message);
}

Generation Rulesets::corrected(nfv_ruleset ruleset, Generation seen) const {
    return {seen.started, seen.finished + missed_[ruleset]};
}

// Waits for a transaction that is under way; a reading would show either side of it. One that does
// not end has been missed.
Generation Rulesets::settle(nfv_ruleset ruleset) {
    constexpr int attempts = 500;
    constexpr std::chrono::milliseconds pause{2};
    for (int i = 0; i < attempts; ++i) {
        const Generation now = corrected(ruleset, hooks_.generation(ruleset));
        if (now.settled())
            return now;
        std::this_thread::sleep_for(pause);
    }
    const Generation now = hooks_.generation(ruleset);
    missed_[ruleset] = now.started - now.finished;
    return corrected(ruleset, now);
}

template <typename Snapshot, typename Read>
void Rulesets::read(std::uint32_t netns, nfv_ruleset ruleset, History<Snapshot>& history,
                    const Read& snapshot) {
    constexpr int attempts = 3;
    for (int i = 0; i < attempts; ++i) {
        const Generation before = settle(ruleset);
        Snapshot taken;
        try {
            const Netns where = Netns::find(netns);
            if (!where.valid())
                throw Error(Failure::lab,
                            fmt::format("the network namespace {} cannot be found", netns));
            const InNetns inside(where);
            taken = snapshot();
        } catch (const Error& error) {
            // An empty snapshot: its records go out without a rule's text.
            complain(netns, fmt::format("rules cannot be named: {}", error.what()));
        }
        const Generation after = corrected(ruleset, hooks_.generation(ruleset));
        history.add(before, after, std::move(taken));
        if (before == after)
            return;
    }
}

void Rulesets::read_nft_of(std::uint32_t netns) {
    read(netns, NFV_RULESET_NFT, nft_[netns], [&] {
        // Opened within the namespace; what comes in while the rules are read is for the next time.
        return read_nft(notices_[netns].catch_up().of_xtables());
    });
}

void Rulesets::read_xt_of(const XtKey& key) {
    const auto& [netns, engine, table] = key;
    read(netns, NFV_RULESET_XT, xt_[key],
         [engine = engine, &table = table] { return read_xt(engine, table); });
}

Candidates<NftSnapshot> Rulesets::nft(std::uint32_t netns, Generation moment) {
    refresh();
    moment = corrected(NFV_RULESET_NFT, moment);
    if (!nft_[netns].covers(moment))
        read_nft_of(netns);
    return nft_[netns].at(moment);
}

Candidates<XtSnapshot> Rulesets::xt(std::uint32_t netns, Legacy engine, const std::string& table,
                                    Generation moment) {
    refresh();
    moment = corrected(NFV_RULESET_XT, moment);
    const XtKey key{netns, engine, table};
    if (!xt_[key].covers(moment))
        read_xt_of(key);
    return xt_[key].at(moment);
}

void Rulesets::mark_changed(nfv_ruleset ruleset, std::uint32_t netns) {
    if (ruleset == NFV_RULESET_NFT)
        changed_nft_.insert(netns);
    else
        changed_xt_ = true;
}

void Rulesets::refresh() {
    for (const std::uint32_t netns : std::exchange(changed_nft_, {})) {
        // Also where no records have come from yet: the first one would be later than the next
        // transaction of another namespace, and then nobody knew what it met.
        if (netns == 0)
            continue;
        read_nft_of(netns);
        hooks_.changed(netns, "nft");
    }
    if (!std::exchange(changed_xt_, false))
        return;
    find_own_tables();
    std::set<std::pair<std::uint32_t, Legacy>> seen;
    for (const auto& [key, history] : xt_) {
        read_xt_of(key);
        if (seen.emplace(std::get<0>(key), std::get<1>(key)).second)
            hooks_.changed(std::get<0>(key), name_of(std::get<1>(key)));
    }
}

void Rulesets::find_own_tables() {
    if (own_ == 0)
        return;
    for (const Legacy engine : all_legacy)
        if (const auto names = existing_tables(engine))
            for (const std::string& table : *names)
                xt_[{own_, engine, table}];
}

void Rulesets::watch_own(bool nft, bool legacy) {
    const std::uint32_t netns = Netns::current().inode();
    if (nft)
        read_nft_of(netns);
    if (!legacy)
        return;
    own_ = netns;
    find_own_tables();
    for (const auto& [key, history] : xt_)
        read_xt_of(key);
}

} // namespace nflab::nfverdict
