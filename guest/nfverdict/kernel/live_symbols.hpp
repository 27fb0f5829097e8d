// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/kernel/kallsyms.hpp"

#include <functional>
#include <string>
#include <unordered_map>

namespace nflab::nfverdict {

/// Names of places in the running kernel. The table is read when it is first needed, and again
/// when modules have come, have finished their initialization, or have gone.
class LiveSymbols {
  public:
    /// `breathe` is called now and then while the table is read, which takes a second on slow
    /// machines.
    explicit LiveSymbols(std::function<void()> breathe) : breathe_(std::move(breathe)) {}

    /// An unknown place has its address as name.
    const Symbol& at(std::uint64_t address);
    /// The function that begins there, with its address as name when none does
    /// (Kallsyms::function).
    Symbol function(std::uint64_t address);
    /// Whether at() will answer at once.
    bool knows(std::uint64_t address) const { return known_.contains(address); }

  private:
    void refresh();

    std::function<void()> breathe_;
    Kallsyms table_;
    std::string modules_; ///< module_places() when the table was read
    std::unordered_map<std::uint64_t, Symbol> known_;
};

} // namespace nflab::nfverdict
