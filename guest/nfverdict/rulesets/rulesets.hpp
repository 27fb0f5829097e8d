// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/event.h"
#include "guest/nfverdict/nft/nft_notices.hpp"
#include "guest/nfverdict/rulesets/history.hpp"
#include "guest/nfverdict/rulesets/ruleset_view.hpp"

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

namespace nflab::nfverdict {

/// The rulesets of all network namespaces that records came from, read again when they change.
class Rulesets {
  public:
    struct Hooks {
        std::function<Generations(nfv_ruleset)> generations;
        /// Called when a ruleset has been read again because it was changed.
        std::function<void(std::uint32_t netns, const std::string& engine)> changed;
        std::function<void(const std::string& message)> notice;
    };
    explicit Rulesets(Hooks hooks) : hooks_(std::move(hooks)) {}

    /// What was in force in that namespace at the moment of a record.
    Candidates<NftSnapshot> nft(std::uint32_t netns, Moment moment);
    Candidates<XtSnapshot> xt(std::uint32_t netns, Legacy engine, const std::string& table,
                              Moment moment);

    /// A transaction of that slot is over; `netns` is 0 when it is not known whose it was. The
    /// ruleset is read at the next refresh(), so that many transactions cost one reading.
    void mark_changed(nfv_ruleset ruleset, std::uint32_t netns, std::uint8_t slot);

    /// Reads again what has been marked.
    void refresh();

    /// Reads what there is in the caller's own namespace, now and after every change, so that its
    /// records never have to wait for it.
    void watch_own(bool nft, bool legacy);

  private:
    using XtKey = std::tuple<std::uint32_t, Legacy, std::string>; // netns, engine, table

    Generations now(nfv_ruleset ruleset) const;
    Moment corrected(nfv_ruleset ruleset, Moment seen) const;
    Generations settle(nfv_ruleset ruleset, std::uint8_t slot);
    enum class Patience : std::uint8_t { none, some };
    /// False when nothing was read.
    template <typename Snapshot, typename Read>
    bool read(std::uint32_t netns, nfv_ruleset ruleset, std::optional<std::uint8_t> slot,
              Patience patience, History<Snapshot>& history, const Read& snapshot);
    std::optional<std::uint8_t> slot_of(const XtKey& key) const;
    bool read_nft_of(std::uint32_t netns, Patience patience);
    bool read_xt_of(const XtKey& key, Patience patience);
    void find_own_tables();
    void complain(std::uint32_t netns, const std::string& message);

    Hooks hooks_;
    /// Transactions whose end (or beginning) the kernel's probes have missed.
    std::array<std::array<std::uint32_t, NFV_SLOTS>, NFV_RULESETS> missed_{};
    std::map<std::uint32_t, History<NftSnapshot>> nft_;
    std::map<std::uint32_t, NftNotices> notices_;
    std::map<XtKey, History<XtSnapshot>> xt_;
    std::map<XtKey, std::uint8_t> slots_; ///< as the tables' own records have told
    std::set<std::uint32_t> changed_nft_;
    std::set<std::uint8_t> changed_xt_; ///< slots
    std::uint32_t own_ = 0;             ///< namespace whose legacy tables are looked for; 0: none
    std::set<std::pair<std::uint32_t, std::string>> complaints_;
};

} // namespace nflab::nfverdict
