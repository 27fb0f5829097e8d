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

Moment Rulesets::corrected(nfv_ruleset ruleset, Moment seen) const {
    seen.generation.finished += missed_[ruleset][seen.slot];
    return seen;
}

Generations Rulesets::now(nfv_ruleset ruleset) const {
    Generations all = hooks_.generations(ruleset);
    for (std::size_t slot = 0; slot < all.size(); ++slot)
        all[slot].finished += missed_[ruleset][slot];
    return all;
}

// Waits for a transaction that is under way; a reading would show either side of it. One that does
// not end has been missed.
Generations Rulesets::settle(nfv_ruleset ruleset, std::uint8_t slot) {
    constexpr int attempts = 500;
    constexpr std::chrono::milliseconds pause{2};
    for (int i = 0; i < attempts; ++i) {
        const Generations all = now(ruleset);
        if (all[slot].settled())
            return all;
        std::this_thread::sleep_for(pause);
    }
    const Generation last = now(ruleset)[slot];
    missed_[ruleset][slot] += last.started - last.finished;
    return now(ruleset);
}

// Not known of a table that has had no record yet: a change of it does not say whose it is.
std::optional<std::uint8_t> Rulesets::slot_of(const XtKey& key) const {
    const auto known = slots_.find(key);
    return known == slots_.end() ? std::nullopt : std::optional(known->second);
}

// Without patience a ruleset that is being changed is left to the end of the transaction, which is
// told, too: who changes rules all the time must not keep us from reading those of others.
template <typename Snapshot, typename Read>
bool Rulesets::read(std::uint32_t netns, nfv_ruleset ruleset, std::optional<std::uint8_t> slot,
                    Patience patience, History<Snapshot>& history, const Read& snapshot) {
    const int attempts = patience == Patience::some ? 3 : 1;
    for (int i = 0; i < attempts; ++i) {
        if (slot && patience == Patience::none && !now(ruleset)[*slot].settled())
            return false;
        const Generations before = slot ? settle(ruleset, *slot) : now(ruleset);
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
        const Generations after = now(ruleset);
        history.add(before, after, std::move(taken));
        if (slot ? before[*slot] == after[*slot] : before == after)
            break;
    }
    return true;
}

bool Rulesets::read_nft_of(std::uint32_t netns, Patience patience) {
    const auto slot = static_cast<std::uint8_t>(netns);
    return read(netns, NFV_RULESET_NFT, slot, patience, nft_[netns], [&] {
        // Opened within the namespace; what comes in while the rules are read is for the next time.
        return read_nft(notices_[netns].catch_up().of_xtables());
    });
}

bool Rulesets::read_xt_of(const XtKey& key, Patience patience) {
    const auto& [netns, engine, table] = key;
    return read(netns, NFV_RULESET_XT, slot_of(key), patience, xt_[key],
                [engine = engine, &table = table] { return read_xt(engine, table); });
}

Candidates<NftSnapshot> Rulesets::nft(std::uint32_t netns, Moment moment) {
    refresh();
    moment = corrected(NFV_RULESET_NFT, moment);
    if (!nft_[netns].covers(moment))
        read_nft_of(netns, Patience::some);
    return nft_[netns].at(moment);
}

Candidates<XtSnapshot> Rulesets::xt(std::uint32_t netns, Legacy engine, const std::string& table,
                                    Moment moment) {
    refresh();
    moment = corrected(NFV_RULESET_XT, moment);
    const XtKey key{netns, engine, table};
    slots_[key] = moment.slot;
    if (!xt_[key].covers(moment))
        read_xt_of(key, Patience::some);
    return xt_[key].at(moment);
}

void Rulesets::mark_changed(nfv_ruleset ruleset, std::uint32_t netns, std::uint8_t slot) {
    if (ruleset == NFV_RULESET_NFT)
        changed_nft_.insert(netns);
    else
        changed_xt_.insert(slot);
}

void Rulesets::refresh() {
    for (const std::uint32_t netns : std::exchange(changed_nft_, {})) {
        // Also where no records have come from yet: the first one would be later than the next
        // transaction of another namespace, and then nobody knew what it met.
        if (netns == 0)
            continue;
        if (read_nft_of(netns, Patience::none))
            hooks_.changed(netns, "nft");
    }
    const auto changed = std::exchange(changed_xt_, {});
    if (changed.empty())
        return;
    find_own_tables();
    std::set<std::pair<std::uint32_t, Legacy>> seen;
    for (const auto& [key, history] : xt_) {
        if (const auto slot = slot_of(key); slot && !changed.contains(*slot))
            continue;
        if (!read_xt_of(key, Patience::none))
            continue;
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
        read_nft_of(netns, Patience::some);
    if (!legacy)
        return;
    own_ = netns;
    find_own_tables();
    for (const auto& [key, history] : xt_)
        read_xt_of(key, Patience::some);
}

} // namespace nflab::nfverdict
