// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/event.h"
#include "guest/nfverdict/drops/drops.hpp"
#include "harness/verdict/record.hpp"

#include <map>
#include <vector>

namespace nflab::nfverdict {

/// With `--all`: the functions of a hook that saw a packet and let it go on. Tables speak for
/// themselves; these are conntrack, defragmentation, NAT and the like.
class HookWalks {
  public:
    explicit HookWalks(Drops& drops) : drops_(drops) {}

    /// The packet enters the hook; `record` is what assemble() has made of the event.
    void enter(const nfv_event& event, verdict::Record record);
    /// A table has said something about the packet.
    void decided(const verdict::Record& record);
    /// The packet leaves the hook: one record per function that is known to have let it go on.
    std::vector<verdict::Record> leave(const nfv_event& event);

  private:
    struct Function {
        Symbol symbol;
        std::string stage;
        bool table = false;
        int priority = 0;
    };
    struct Decision {
        int priority;
        std::uint64_t time_ns;
        bool ends;
    };
    struct Walk {
        verdict::Record record;
        std::vector<Function> functions; ///< in the order of the calls
        std::vector<Decision> decisions;
    };
    Drops& drops_;
    std::map<int, Walk> walks_; ///< by CPU
};

} // namespace nflab::nfverdict
