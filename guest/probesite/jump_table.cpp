// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/jump_table.hpp"

#include <elf.h>

namespace nflab::probesite {

namespace {

constexpr std::uint64_t entry_size = 16;
constexpr std::int64_t branch_flag = 1; ///< bits 0 and 1 of the key are flags, not address
constexpr std::int64_t flags = 3;

} // namespace

std::map<Place, JumpSite> read_jump_table(const ElfModule& module) {
    std::map<Place, JumpSite> sites;
    const auto table = module.find_section("__jump_table");
    if (!table) {
        return sites;
    }
    // A member is relative to itself, and so is its relocation: symbol + addend is what it names.
    const auto named = [&](std::uint64_t offset) -> std::optional<Place> {
        const auto* relocation = module.relocation_at({*table, offset});
        const auto* symbol = relocation ? module.symbol(relocation->symbol) : nullptr;
        if (symbol == nullptr || symbol->at.section == 0) {
            return std::nullopt;
        }
        return Place{symbol->at.section,
                     symbol->at.offset + static_cast<std::uint64_t>(relocation->addend)};
    };
    const auto size = module.section(*table)->data.size();
    for (std::uint64_t at = 0; at + entry_size <= size; at += entry_size) {
        const auto code = named(at);
        const auto target = named(at + 4);
        const auto* key = module.relocation_at({*table, at + 8});
        const auto* symbol = key ? module.symbol(key->symbol) : nullptr;
        if (!code || !target || symbol == nullptr) {
            continue;
        }
        const auto offset = static_cast<std::uint64_t>(key->addend & ~flags);
        sites.emplace(*code, JumpSite{*code,
                                      *target,
                                      {symbol->at.section, symbol->at.offset + offset},
                                      (key->addend & branch_flag) != 0});
    }
    return sites;
}

} // namespace nflab::probesite
