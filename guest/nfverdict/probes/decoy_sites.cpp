// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/probes/decoy_sites.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace nflab::nfverdict {
namespace {

// The full name of a function of nf_tables, which the compiler may have given a suffix.
std::string find_symbol(std::string_view name) {
    std::ifstream symbols("/proc/kallsyms");
    for (std::string line; std::getline(symbols, line);) {
        std::istringstream words(line);
        std::string address;
        std::string type;
        std::string symbol;
        std::string module;
        words >> address >> type >> symbol >> module;
        if (module == "[nf_tables]" && symbol.starts_with(name) &&
            (symbol.size() == name.size() || symbol[name.size()] == '.'))
            return symbol;
    }
    throw Error(Failure::lab, fmt::format("nf_tables has no function {}", name));
}

} // namespace

probesite::NftSites decoy_sites(KernelTypes& types) {
    constexpr const char* module = "nf_tables";
    const auto name = types.offset(module, "nft_table", "name");
    if (!name || !types.size(module, "nft_rule_dp"))
        throw Error(Failure::lab, "nf_tables has no type information to take layouts from");
    probesite::NftSites sites;
    sites.table_name_offset = *name;
    // struct nft_rule_dp {u64 is_last:1, dlen:12, handle:42}
    sites.rule = {0, 13, (1ULL << 42) - 1, true};
    sites.trace_verdict_function = find_symbol("__nft_trace_verdict");
    sites.trace_packet_function = find_symbol("__nft_trace_packet");
    sites.trace_abi = types.offset(module, "nft_traceinfo", "rule")
                          ? probesite::NftSites::TraceAbi::info_on_stack
                          : probesite::NftSites::TraceAbi::arguments;
    return sites;
}

} // namespace nflab::nfverdict
