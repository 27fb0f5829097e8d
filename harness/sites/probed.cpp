// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/sites/probed.hpp"

#include "guest/probesite/elf_module.hpp"
#include "guest/probesite/refused.hpp"
#include "guest/probesite/resolve.hpp"

#include <string_view>

namespace nflab::sites {

namespace {

using Bytes = std::span<const std::uint8_t>;
using Answer = std::variant<Described, probesite::Refusal>;

template <typename Sites>
Answer to_answer(const std::variant<Sites, probesite::Refusal>& resolved) {
    if (const auto* refusal = std::get_if<probesite::Refusal>(&resolved))
        return *refusal;
    return describe(std::get<Sites>(resolved));
}

} // namespace

const std::vector<Probed>& all_probed() {
    static const std::vector<Probed> all = {
        {"nf_tables", "nft_do_chain", [](Bytes b) { return to_answer(probesite::resolve_nft(b)); }},
        {"ip_tables", "ipt_do_table",
         [](Bytes b) { return to_answer(probesite::resolve_ipt(b, "ipt_do_table")); }},
        {"ip6_tables", "ip6t_do_table",
         [](Bytes b) { return to_answer(probesite::resolve_ipt(b, "ip6t_do_table")); }},
        {"arp_tables", "arpt_do_table",
         [](Bytes b) { return to_answer(probesite::resolve_ipt(b, "arpt_do_table")); }},
        {"ebtables", "ebt_do_table", [](Bytes b) { return to_answer(probesite::resolve_ebt(b)); }},
    };
    return all;
}

std::set<std::string> probed_modules() {
    std::set<std::string> modules;
    for (const Probed& probed : all_probed())
        modules.insert(probed.module);
    return modules;
}

std::string compiler_of(Bytes module) {
    try {
        const probesite::ElfModule elf(module);
        const auto index = elf.find_section(".comment");
        if (!index)
            return {};
        const auto data = elf.section(*index)->data;
        std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
        // Strings that end in NUL, one per object file; those of ours are all alike.
        text.remove_prefix(std::min(text.find_first_not_of('\0'), text.size()));
        text = text.substr(0, text.find('\0'));
        // "GCC: (Debian 14.2.0-19) 14.2.0", "Ubuntu clang version 14.0.0-1ubuntu1"
        // or with a date, "GCC: (Debian 10.2.1-6) 10.2.1 20210110".
        if (text.substr(0, 5) == "GCC: ") {
            text.remove_prefix(std::min(text.rfind(") ") + 2, text.size()));
            return "GCC " + std::string(text.substr(0, text.find(' ')));
        }
        return std::string(text);
    } catch (const probesite::Refused&) {
        return {};
    }
}

} // namespace nflab::sites
