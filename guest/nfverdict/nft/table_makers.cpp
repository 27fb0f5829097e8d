// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/table_makers.hpp"

#include "guest/nfverdict/hooks/hook.hpp"
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/nft/netlink_message.hpp"

#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace nflab::nfverdict {
namespace {

// The task's name, which the kernel cuts: "iptables-nft-re".
bool is_xtables_program(std::string_view name) {
    constexpr std::array<std::string_view, 5> programs{"iptables", "ip6tables", "arptables",
                                                       "ebtables", "xtables-nft"};
    return std::any_of(programs.begin(), programs.end(),
                       [&](std::string_view program) { return name.starts_with(program); });
}

} // namespace

void TableMakers::take(int type, std::span<const std::uint8_t> message) {
    nfgenmsg header{};
    if (message.size() < sizeof(header))
        return;
    std::memcpy(&header, message.data(), sizeof(header));
    const Attributes attributes(message.subspan(sizeof(header)));
    if (type == NFT_MSG_NEWGEN) {
        commit(attributes.text(NFTA_GEN_PROC_NAME));
        return;
    }
    // All messages about something in a table have the table's name as their first attribute.
    static_assert(NFTA_TABLE_NAME == 1 && NFTA_CHAIN_TABLE == 1 && NFTA_RULE_TABLE == 1 &&
                  NFTA_SET_TABLE == 1 && NFTA_SET_ELEM_LIST_TABLE == 1 && NFTA_OBJ_TABLE == 1 &&
                  NFTA_FLOWTABLE_TABLE == 1);
    const TableName name{family_name(header.nfgen_family), attributes.text(NFTA_TABLE_NAME)};
    touched_.insert(name);
    if (type == NFT_MSG_NEWTABLE && (!of_xtables_.contains(name) || deleted_.contains(name)))
        made_.insert(name);
    if (type == NFT_MSG_DELTABLE) {
        deleted_.insert(name);
        made_.erase(name);
    }
}

void TableMakers::commit(const std::string& program) {
    const bool xtables = is_xtables_program(program);
    for (const TableName& name : deleted_)
        of_xtables_.erase(name);
    for (const TableName& name : made_)
        of_xtables_[name] = xtables;
    for (const TableName& name : touched_)
        if (const auto found = of_xtables_.find(name); found != of_xtables_.end())
            found->second = found->second && xtables;
    touched_.clear();
    made_.clear();
    deleted_.clear();
}

std::set<TableName> TableMakers::of_xtables() const {
    std::set<TableName> out;
    for (const auto& [name, xtables] : of_xtables_)
        if (xtables)
            out.insert(name);
    return out;
}

} // namespace nflab::nfverdict
