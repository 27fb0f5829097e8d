// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/live_symbols.hpp"

#include <fmt/format.h>

#include <fstream>

namespace nflab::nfverdict {
namespace {

// Name and address of each; the counts of users in between change all the time.
std::string loaded_modules() {
    std::ifstream file("/proc/modules");
    std::string out;
    for (std::string line; std::getline(file, line);)
        out += line.substr(0, line.find(' ')) + line.substr(line.rfind(' ') + 1) + "\n";
    return out;
}

} // namespace

const Symbol& LiveSymbols::at(std::uint64_t address) {
    if (const auto known = known_.find(address); known != known_.end())
        return known->second;
    if (std::string modules = loaded_modules(); modules != modules_ || table_.size() == 0) {
        known_.clear();
        table_ = Kallsyms::read(breathe_);
        modules_ = std::move(modules);
    }
    auto found = table_.find(address).value_or(Symbol{fmt::format("{:#x}", address), {}, 0});
    return known_.emplace(address, std::move(found)).first->second;
}

} // namespace nflab::nfverdict
