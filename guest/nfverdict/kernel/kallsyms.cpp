// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/kallsyms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>
#include <unordered_map>

namespace nflab::nfverdict {
namespace {

bool is_code(char type) {
    return std::strchr("tTwW", type) != nullptr;
}

} // namespace

std::string Symbol::text() const {
    return offset == 0 ? name : fmt::format("{}+{:#x}", name, offset);
}

Kallsyms Kallsyms::parse(std::istream& lines, const std::function<void()>& breathe) {
    constexpr int often = 4096;
    Kallsyms out;
    std::unordered_map<std::string, std::uint16_t> modules;
    int count = 0;
    // address, type, name, and for a module's function a tab and the module in brackets
    for (std::string line; std::getline(lines, line);) {
        if (breathe && ++count % often == 0)
            breathe();
        std::uint64_t address = 0;
        const auto parsed = std::from_chars(line.data(), line.data() + line.size(), address, 16);
        const auto at = static_cast<std::size_t>(parsed.ptr - line.data());
        if (parsed.ec != std::errc{} || address == 0 || at + 4 > line.size() ||
            !is_code(line[at + 1]))
            continue;
        const std::string_view rest = std::string_view(line).substr(at + 3);
        const std::size_t tab = rest.find('\t');
        Function function{address, static_cast<std::uint32_t>(out.names_.size()), 0};
        if (tab != std::string_view::npos && tab + 3 < rest.size()) {
            const auto [entry, fresh] =
                modules.emplace(rest.substr(tab + 2, rest.size() - tab - 3),
                                static_cast<std::uint16_t>(out.modules_.size()));
            if (fresh)
                out.modules_.push_back(entry->first);
            function.module = entry->second;
        }
        out.names_.append(rest.substr(0, tab));
        out.names_ += '\0';
        out.functions_.push_back(function);
    }
    std::sort(out.functions_.begin(), out.functions_.end(),
              [](const Function& a, const Function& b) { return a.address < b.address; });
    return out;
}

Kallsyms Kallsyms::read(const std::function<void()>& breathe) {
    std::ifstream file("/proc/kallsyms");
    return parse(file, breathe);
}

std::optional<Symbol> Kallsyms::find(std::uint64_t address) const {
    constexpr std::uint64_t far = 1 << 20;
    auto after = std::upper_bound(
        functions_.begin(), functions_.end(), address,
        [](std::uint64_t wanted, const Function& function) { return wanted < function.address; });
    if (after == functions_.begin() || address - std::prev(after)->address > far)
        return {};
    // Of several names of one place the first in the kernel's own order would do; the shortest is
    // the one that people know.
    const Function* best = &*std::prev(after);
    const auto length = [this](const Function& f) { return std::strlen(&names_[f.name]); };
    for (auto same = std::prev(after); same->address == best->address; --same) {
        if (length(*same) < length(*best))
            best = &*same;
        if (same == functions_.begin())
            break;
    }
    return Symbol{&names_[best->name], modules_[best->module], address - best->address};
}

std::optional<Symbol> Kallsyms::function(std::uint64_t address) const {
    auto found = find(address);
    return found && found->offset == 0 ? found : std::nullopt;
}

std::string module_places(std::istream& modules) {
    std::string out;
    // "nf_nat 49152 2 nft_chain_nat,xt_nat, Live 0xffffffffc03a1000 (E)"
    for (std::string line; std::getline(modules, line);) {
        std::istringstream fields(line);
        std::string name, size, users, by, state, address;
        if (fields >> name >> size >> users >> by >> state >> address)
            out += fmt::format("{} {} {}\n", name, state, address);
    }
    return out;
}

std::string_view source_name(std::string_view function) {
    return function.substr(0, function.find('.'));
}

} // namespace nflab::nfverdict
