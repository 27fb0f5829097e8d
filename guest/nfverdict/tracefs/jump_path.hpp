// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/tracefs/make_room.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace nflab::nfverdict {

/// The places from which packets have jumped and not come back, while one function is busy with
/// them; `Place` is a chain or an entry. Packets that have not jumped have none. Pure.
template <typename Place>
class JumpPaths {
  public:
    struct Left {
        Place place;
        bool by_goto = false; ///< nobody comes back
    };
    /// `owner`: the base chain or table, `packet` the sk_buff; another one's path has been left
    /// behind by a probe that was missed.
    struct Key {
        std::uint64_t call; ///< what tells calls of the function apart
        std::uint64_t owner;
        std::uint64_t packet;
    };

    /// Outermost first; nullptr: none.
    const std::vector<Left>* find(const Key& key) const {
        const auto found = paths_.find(key.call);
        return found != paths_.end() && found->second.owner == key.owner &&
                       found->second.packet == key.packet
                   ? &found->second.left
                   : nullptr;
    }

    /// Where the packet is after its last jump or return; nullptr: it has not jumped.
    const Place* current(const Key& key) const {
        return find(key) ? &paths_.at(key.call).current : nullptr;
    }

    void enter(const Key& key, Left from, Place to) {
        constexpr std::size_t deepest = 16; // NFT_JUMP_STACK_SIZE
        make_room(paths_);
        if (!find(key))
            paths_[key.call] = {key.owner, key.packet, {}, {}};
        paths_[key.call].current = std::move(to);
        auto& left = paths_[key.call].left;
        left.push_back(std::move(from));
        if (left.size() >= deepest)
            paths_.erase(key.call);
    }

    /// A return, or the end of a chain: back to the nearest place that was left by a jump.
    void leave(const Key& key) {
        if (!find(key))
            return;
        Path& path = paths_[key.call];
        for (bool back = false; !path.left.empty() && !back; path.left.pop_back()) {
            back = !path.left.back().by_goto;
            path.current = path.left.back().place;
        }
        if (path.left.empty())
            paths_.erase(key.call);
    }

    void end(const Key& key) { paths_.erase(key.call); }

  private:
    struct Path {
        std::uint64_t owner = 0;
        std::uint64_t packet = 0;
        std::vector<Left> left;
        Place current;
    };
    std::map<std::uint64_t, Path> paths_;
};

} // namespace nflab::nfverdict
