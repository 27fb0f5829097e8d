// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/nft_code.hpp"

#include "guest/nfverdict/hooks/hook.hpp"
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/nft/netlink_message.hpp"

#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace nflab::nfverdict {
namespace {

using Bytes = std::span<const std::uint8_t>;

struct Message {
    std::string family;
    Attributes attributes;
};

std::optional<Message> open(Bytes bytes) {
    nfgenmsg header{};
    if (bytes.size() < sizeof(header))
        return {};
    std::memcpy(&header, bytes.data(), sizeof(header));
    return Message{family_name(header.nfgen_family), Attributes(bytes.subspan(sizeof(header)))};
}

// Registers are numbered twice: 1 to 4 of 16 bytes behind the verdict, and, from NFT_REG32_00 on,
// of 4 bytes in the same place. Nothing for the verdict itself.
std::optional<std::size_t> register_offset(std::uint32_t number) {
    constexpr std::size_t wide = 16;
    constexpr std::size_t narrow = 4;
    if (number >= NFT_REG_1 && number <= NFT_REG_4)
        return (number - NFT_REG_1) * wide;
    if (number >= NFT_REG32_00 && number <= NFT_REG32_15)
        return (number - NFT_REG32_00) * narrow;
    return {};
}

bool loads_interface_name(const Attributes& data) {
    const auto key = data.u32(NFTA_META_KEY);
    return data.find(NFTA_META_DREG) && (key == NFT_META_IIFNAME || key == NFT_META_OIFNAME);
}

// nft compares all 16 bytes of an interface's name; xtables' tools those up to the NUL.
bool compares_as_xtables(const Attributes& data) {
    const Attributes value = data.nested(NFTA_CMP_DATA);
    const Attribute* bytes = value.find(NFTA_DATA_VALUE);
    return bytes && !bytes->payload.empty() && bytes->payload.size() < IFNAMSIZ &&
           bytes->payload.back() == 0;
}

// Expressions that give no verdict but to stop or go on with the rule, or whose verdict is told.
bool is_told_of(const std::string& name) {
    constexpr std::array names{
        "bitwise", "byteorder", "cmp",       "connlimit", "counter", "ct",    "dynset", "exthdr",
        "fib",     "hash",      "immediate", "inner",     "last",    "limit", "log",    "lookup",
        "meta",    "notrack",   "numgen",    "osf",       "payload", "queue", "quota",  "range",
        "reject",  "rt",        "socket",    "tunnel",    "xfrm"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

class RuleReader {
  public:
    void take(const std::string& name, const Attributes& data) {
        if (name == "match" || name == "target") {
            rule.has_xtables = true;
            rule.rejects =
                rule.rejects || (name == "target" && data.text(NFTA_TARGET_NAME) == "REJECT");
        } else if (name == "reject") {
            rule.rejects = true;
        } else if (name == "immediate") {
            take_verdict(data.nested(NFTA_IMMEDIATE_DATA).nested(NFTA_DATA_VERDICT));
        } else if (name == "lookup") {
            take_lookup(data);
        } else if (name == "cmp" && interface_name_) {
            rule.has_xtables = rule.has_xtables || compares_as_xtables(data);
        }
        if (name == "queue")
            rule.verdicts.push_back(NF_QUEUE);
        rule.opaque = rule.opaque || !is_told_of(name);
        interface_name_ = name == "meta" && loads_interface_name(data);
    }

    NftRuleCode rule;

  private:
    void take_verdict(const Attributes& data) {
        const std::string chain = data.text(NFTA_VERDICT_CHAIN);
        if (!chain.empty())
            rule.targets.push_back(chain);
        else if (const auto code = data.u32(NFTA_VERDICT_CODE);
                 code && static_cast<std::int32_t>(*code) >= 0)
            rule.verdicts.push_back(static_cast<std::int32_t>(*code));
    }

    void take_lookup(const Attributes& data) {
        const auto destination = data.u32(NFTA_LOOKUP_DREG);
        const auto source = register_offset(data.u32(NFTA_LOOKUP_SREG).value_or(0));
        if (destination == NFT_REG_VERDICT && source)
            rule.verdict_maps.push_back({data.text(NFTA_LOOKUP_SET), *source});
    }

    bool interface_name_ = false; // just loaded
};

// ebtables-nft marks the rule that stands for a chain's policy: type, length, value of a u32 1.
bool is_ebtables_policy(Bytes user_data) {
    constexpr std::uint8_t type = 1;
    constexpr std::uint8_t size = 4;
    return user_data.size() >= 2 + size && user_data[0] == type && user_data[1] == size &&
           user_data[2] == 1;
}

std::vector<std::uint8_t> value_of(const Attributes& data) {
    const Attribute* value = data.find(NFTA_DATA_VALUE);
    return value ? std::vector<std::uint8_t>(value->payload.begin(), value->payload.end())
                 : std::vector<std::uint8_t>();
}

NftMapElement element_of(const Attributes& attributes) {
    NftMapElement element;
    element.interval_end =
        (attributes.u32(NFTA_SET_ELEM_FLAGS).value_or(0) & NFT_SET_ELEM_INTERVAL_END) != 0;
    element.key = value_of(attributes.nested(NFTA_SET_ELEM_KEY));
    element.key_end = value_of(attributes.nested(NFTA_SET_ELEM_KEY_END));
    const Attributes verdict = attributes.nested(NFTA_SET_ELEM_DATA).nested(NFTA_DATA_VERDICT);
    element.code = static_cast<std::int32_t>(verdict.u32(NFTA_VERDICT_CODE).value_or(0));
    element.chain = verdict.text(NFTA_VERDICT_CHAIN);
    return element;
}

} // namespace

const NftTableCode* NftCode::table(const std::string& family, const std::string& name) const {
    const auto found = tables.find({family, name});
    return found == tables.end() ? nullptr : &found->second;
}

const NftRuleCode* NftCode::rule(const std::string& family, const std::string& name,
                                 std::uint64_t handle) const {
    const NftTableCode* in = table(family, name);
    if (!in)
        return nullptr;
    const auto found = in->rules.find(handle);
    return found == in->rules.end() ? nullptr : &found->second;
}

void NftCode::take_rule(Bytes message) {
    const auto opened = open(message);
    if (!opened)
        return;
    const Attributes& attributes = opened->attributes;
    const Attribute* handle = attributes.find(NFTA_RULE_HANDLE);
    if (!handle)
        return;
    RuleReader reader;
    for (const Attribute& element : attributes.nested(NFTA_RULE_EXPRESSIONS)) {
        const Attributes expression(element.payload);
        reader.take(expression.text(NFTA_EXPR_NAME), expression.nested(NFTA_EXPR_DATA));
    }
    if (const Attribute* user_data = attributes.find(NFTA_RULE_USERDATA);
        user_data && opened->family == "bridge" && is_ebtables_policy(user_data->payload)) {
        reader.rule.is_chain_end = true;
        reader.rule.has_xtables = true;
    }
    tables[{opened->family, attributes.text(NFTA_RULE_TABLE)}].rules[handle->u64()] =
        std::move(reader.rule);
}

void NftCode::take_set(Bytes message) {
    const auto opened = open(message);
    if (!opened)
        return;
    const Attributes& attributes = opened->attributes;
    if (attributes.u32(NFTA_SET_DATA_TYPE) != NFT_DATA_VERDICT)
        return;
    NftVerdictMap map;
    map.interval = (attributes.u32(NFTA_SET_FLAGS).value_or(0) & NFT_SET_INTERVAL) != 0;
    map.key_size = attributes.u32(NFTA_SET_KEY_LEN).value_or(0);
    map.key_type = attributes.u32(NFTA_SET_KEY_TYPE).value_or(0);
    for (const Attribute& field : attributes.nested(NFTA_SET_DESC).nested(NFTA_SET_DESC_CONCAT))
        map.field_sizes.push_back(Attributes(field.payload).u32(NFTA_SET_FIELD_LEN).value_or(0));
    tables[{opened->family, attributes.text(NFTA_SET_TABLE)}]
        .verdict_maps[attributes.text(NFTA_SET_NAME)] = std::move(map);
}

void NftCode::take_elements(Bytes message) {
    const auto opened = open(message);
    if (!opened)
        return;
    const Attributes& attributes = opened->attributes;
    const auto table = tables.find({opened->family, attributes.text(NFTA_SET_ELEM_LIST_TABLE)});
    if (table == tables.end())
        return;
    const auto map = table->second.verdict_maps.find(attributes.text(NFTA_SET_ELEM_LIST_SET));
    if (map == table->second.verdict_maps.end())
        return;
    for (const Attribute& element : attributes.nested(NFTA_SET_ELEM_LIST_ELEMENTS))
        map->second.elements.push_back(element_of(Attributes(element.payload)));
}

} // namespace nflab::nfverdict
