// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tables/ebt_tables.hpp"

#include "guest/nfverdict/hooks/hook_entries.hpp"
#include "guest/nfverdict/hooks/hook_owner.hpp"
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/kernel/module_file.hpp"

#include <set>

namespace nflab::nfverdict {

std::vector<std::string> existing_ebtables() {
    if (!is_loaded(ebtables_module.name))
        return {};
    constexpr std::string_view engine = "ebtables ";
    KernelTypes types;
    const KernelMemory memory;
    const Kallsyms symbols = Kallsyms::read();
    const HookReader reader(types, memory);
    const HookOwners owners(types, memory, symbols);
    std::set<std::string> found;
    for (const HookList& list : reader.read()) {
        if (list.family != NFPROTO_BRIDGE)
            continue;
        for (const HookEntry& entry : list.entries)
            if (const std::string what = owners.owner(entry).what; what.starts_with(engine))
                found.insert(what.substr(engine.size()));
    }
    return {found.begin(), found.end()};
}

} // namespace nflab::nfverdict
