// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/hooks/hook_owner.hpp"

#include "guest/nfverdict/hooks/hook.hpp"
#include "guest/nfverdict/kernel/module_file.hpp"
#include "guest/probesite/resolve.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>

namespace nflab::nfverdict {
namespace {

constexpr const char* nf_tables = "nf_tables";

// Without type information the disassembly knows where a table has its name.
std::optional<std::uint32_t> table_name_offset(KernelTypes& types) {
    if (types.knows_module(nf_tables) || !is_loaded(nf_tables))
        return types.offset(nf_tables, "nft_table", "name");
    try {
        const auto found = probesite::resolve_nft(read_module(nf_tables_module));
        if (const auto* sites = std::get_if<probesite::NftSites>(&found))
            return sites->table_name_offset;
    } catch (const Error&) {
        // The hook is shown without its chain's name.
    }
    return {};
}

} // namespace

HookOwners::HookOwners(KernelTypes& types, const KernelMemory& memory, const Kallsyms& symbols)
    : memory_(memory), symbols_(symbols) {
    // The same on all kernels from 5.10 on (layout.cpp).
    nft_.table = types.offset(nf_tables, "nft_chain", "table").value_or(64);
    nft_.name = types.offset(nf_tables, "nft_chain", "name").value_or(88);
    nft_.table_name = table_name_offset(types);
    xt_name_ = types.offset("x_tables", "xt_table", "name");
    ebt_name_ = types.offset("ebtables", "ebt_table", "name");
    bpf_aux_ = types.offset("", "bpf_prog", "aux");
    bpf_id_ = types.offset("", "bpf_prog_aux", "id");
    bpf_name_ = types.offset("", "bpf_prog_aux", "name");
}

std::string HookOwners::string_at(std::uint64_t address) const {
    // It may end just before a page that is not there.
    for (const std::size_t size : {256U, 64U, 16U, 8U}) {
        std::array<char, 256> text{};
        if (memory_.read(address, text.data(), size))
            return {text.data(), ::strnlen(text.data(), text.size() - 1)};
    }
    return {};
}

std::string HookOwners::nft_chain(const HookEntry& entry) const {
    const auto table = memory_.value<std::uint64_t>(entry.priv + nft_.table);
    const auto chain = memory_.value<std::uint64_t>(entry.priv + nft_.name);
    if (!table || !chain || !nft_.table_name)
        return "nft";
    const auto name = memory_.value<std::uint64_t>(*table + *nft_.table_name);
    if (!name)
        return "nft";
    return fmt::format("nft {} {} {}", family_name(entry.family), string_at(*name),
                       string_at(*chain));
}

std::string HookOwners::xt_table(const HookEntry& entry, const Symbol& function) const {
    const std::string engine = xt_engine(function.name, function.module);
    std::string table = table_of_module(function.module);
    const auto& name = engine == "ebtables" ? ebt_name_ : xt_name_;
    if (table.empty() && entry.priv != 0 && name)
        table = string_at(entry.priv + *name);
    return table.empty() ? engine : fmt::format("{} {}", engine, table);
}

std::string HookOwners::bpf_program(const HookEntry& entry) const {
    const auto aux = bpf_aux_ ? memory_.value<std::uint64_t>(entry.priv + *bpf_aux_) : std::nullopt;
    if (!aux || !bpf_id_ || !bpf_name_)
        return "bpf";
    const auto id = memory_.value<std::uint32_t>(*aux + *bpf_id_);
    return fmt::format("bpf program {} {}", id.value_or(0), string_at(*aux + *bpf_name_));
}

HookOwner HookOwners::owner(const HookEntry& entry) const {
    HookOwner out;
    out.function = symbols_.function(entry.function)
                       .value_or(Symbol{fmt::format("{:#x}", entry.function), {}, 0});
    out.kind = classify_hook(out.function.name, out.function.module);
    switch (out.kind.kind) {
    case HookFunction::Kind::nft_chain:
        out.what = nft_chain(entry);
        break;
    case HookFunction::Kind::xt_table:
        out.what = xt_table(entry, out.function);
        break;
    case HookFunction::Kind::bpf:
        out.what = bpf_program(entry);
        break;
    default:
        out.what = out.kind.stage;
    }
    return out;
}

} // namespace nflab::nfverdict
