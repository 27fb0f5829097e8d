// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/elf_module.hpp"
#include "guest/probesite/refused.hpp"
#include "guest/probesite/resolve.hpp"

#include <algorithm>

namespace nflab::probesite {

std::vector<FunctionPlace> find_functions(std::span<const std::uint8_t> module,
                                          std::initializer_list<std::string_view> names) {
    std::vector<FunctionPlace> out;
    try {
        const ElfModule file(module);
        for (const Symbol& symbol : file.symbols())
            if (symbol.function &&
                std::find(names.begin(), names.end(), symbol.name) != names.end())
                out.push_back({std::string(symbol.name),
                               std::string(file.section(symbol.at.section)->name),
                               symbol.at.offset});
    } catch (const Refused&) {
        return {};
    }
    return out;
}

} // namespace nflab::probesite
