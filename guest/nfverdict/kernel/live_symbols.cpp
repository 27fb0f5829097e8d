// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/live_symbols.hpp"

#include <fmt/format.h>

#include <fstream>

namespace nflab::nfverdict {
namespace {

Symbol nameless(std::uint64_t address) {
    return {fmt::format("{:#x}", address), {}, 0};
}

} // namespace

void LiveSymbols::refresh() {
    std::ifstream file("/proc/modules");
    if (std::string modules = module_places(file); modules != modules_ || table_.size() == 0) {
        known_.clear();
        table_ = Kallsyms::read(breathe_);
        modules_ = std::move(modules);
    }
}

const Symbol& LiveSymbols::at(std::uint64_t address) {
    if (const auto known = known_.find(address); known != known_.end())
        return known->second;
    refresh();
    return known_.emplace(address, table_.find(address).value_or(nameless(address))).first->second;
}

Symbol LiveSymbols::function(std::uint64_t address) {
    if (const Symbol& known = at(address); known.offset == 0)
        return known;
    // Of a module that has come meanwhile.
    known_.erase(address);
    return at(address).offset == 0 ? at(address) : nameless(address);
}

} // namespace nflab::nfverdict
