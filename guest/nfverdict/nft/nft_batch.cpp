// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/nft_batch.hpp"

#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/nft/nft_socket.hpp"

namespace nflab::nfverdict {
namespace {

constexpr std::uint16_t create = NLM_F_CREATE;
constexpr std::uint16_t append = NLM_F_CREATE | NLM_F_APPEND;

void put_verdict(NetlinkWriter& out, const NftBatch::Rule& rule) {
    out.u32(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    out.nest(NFTA_IMMEDIATE_DATA, [&] {
        out.nest(NFTA_DATA_VERDICT, [&] {
            out.u32(NFTA_VERDICT_CODE, static_cast<std::uint32_t>(rule.verdict));
            if (!rule.jump_to.empty())
                out.text(NFTA_VERDICT_CHAIN, rule.jump_to);
        });
    });
}

template <typename Fill>
void put_expression(NetlinkWriter& out, const char* name, const Fill& fill) {
    out.nest(NFTA_LIST_ELEM, [&] {
        out.text(NFTA_EXPR_NAME, name);
        out.nest(NFTA_EXPR_DATA, fill);
    });
}

void put_equal(NetlinkWriter& out, std::span<const std::uint8_t> value) {
    put_expression(out, "cmp", [&] {
        out.u32(NFTA_CMP_SREG, NFT_REG_1);
        out.u32(NFTA_CMP_OP, NFT_CMP_EQ);
        out.nest(NFTA_CMP_DATA, [&] { out.bytes(NFTA_DATA_VALUE, value); });
    });
}

// meta l4proto udp, udp dport PORT
void put_port(NetlinkWriter& out, std::uint16_t port) {
    constexpr std::uint8_t udp[] = {IPPROTO_UDP};
    constexpr std::uint32_t port_offset = 2;
    const std::uint8_t wanted[] = {static_cast<std::uint8_t>(port >> 8),
                                   static_cast<std::uint8_t>(port)};
    put_expression(out, "meta", [&] {
        out.u32(NFTA_META_DREG, NFT_REG_1);
        out.u32(NFTA_META_KEY, NFT_META_L4PROTO);
    });
    put_equal(out, udp);
    put_expression(out, "payload", [&] {
        out.u32(NFTA_PAYLOAD_DREG, NFT_REG_1);
        out.u32(NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER);
        out.u32(NFTA_PAYLOAD_OFFSET, port_offset);
        out.u32(NFTA_PAYLOAD_LEN, sizeof(wanted));
    });
    put_equal(out, wanted);
}

void put_trace(NetlinkWriter& out) {
    constexpr std::uint8_t one[] = {1};
    put_expression(out, "immediate", [&] {
        out.u32(NFTA_IMMEDIATE_DREG, NFT_REG_1);
        out.nest(NFTA_IMMEDIATE_DATA, [&] { out.bytes(NFTA_DATA_VALUE, one); });
    });
    put_expression(out, "meta", [&] {
        out.u32(NFTA_META_KEY, NFT_META_NFTRACE);
        out.u32(NFTA_META_SREG, NFT_REG_1);
    });
}

} // namespace

NftBatch::NftBatch() {
    NetlinkWriter(messages_, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES).finish();
}

void NftBatch::add_table(const std::string& name) {
    NetlinkWriter out(messages_, nft_message(NFT_MSG_NEWTABLE), create, AF_INET);
    out.text(NFTA_TABLE_NAME, name);
    out.finish();
}

void NftBatch::delete_table(const std::string& name) {
    NetlinkWriter out(messages_, nft_message(NFT_MSG_DELTABLE), 0, AF_INET);
    out.text(NFTA_TABLE_NAME, name);
    out.finish();
}

void NftBatch::add_chain(const std::string& table, const std::string& name) {
    NetlinkWriter out(messages_, nft_message(NFT_MSG_NEWCHAIN), create, AF_INET);
    out.text(NFTA_CHAIN_TABLE, table);
    out.text(NFTA_CHAIN_NAME, name);
    out.finish();
}

void NftBatch::add_input_chain(const std::string& table, const std::string& name,
                               std::int32_t priority, std::uint32_t policy) {
    NetlinkWriter out(messages_, nft_message(NFT_MSG_NEWCHAIN), create, AF_INET);
    out.text(NFTA_CHAIN_TABLE, table);
    out.text(NFTA_CHAIN_NAME, name);
    out.nest(NFTA_CHAIN_HOOK, [&] {
        out.u32(NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_IN);
        out.u32(NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(priority));
    });
    out.u32(NFTA_CHAIN_POLICY, policy);
    out.text(NFTA_CHAIN_TYPE, "filter");
    out.finish();
}

void NftBatch::add_rule(const std::string& table, const std::string& chain, const Rule& rule) {
    NetlinkWriter out(messages_, nft_message(NFT_MSG_NEWRULE), append, AF_INET);
    out.text(NFTA_RULE_TABLE, table);
    out.text(NFTA_RULE_CHAIN, chain);
    out.nest(NFTA_RULE_EXPRESSIONS, [&] {
        if (rule.udp_port != 0)
            put_port(out, rule.udp_port);
        if (rule.trace)
            put_trace(out);
        else if (rule.counter)
            put_expression(out, "counter", [] {});
        else
            put_expression(out, "immediate", [&] { put_verdict(out, rule); });
    });
    out.finish();
}

void NftBatch::commit() {
    // The kernel answers messages that ask for it, after the whole transaction.
    NetlinkWriter(messages_, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES).finish();
    NftSocket().transact(messages_);
}

NftHandles read_handles(const std::string& table) {
    NftHandles out;
    NftSocket socket;
    socket.dump(nft_message(NFT_MSG_GETCHAIN), [&](const NetlinkAttributes& chain) {
        if (chain.text(NFTA_CHAIN_TABLE) == table)
            out.chains.push_back({chain.text(NFTA_CHAIN_NAME), chain.u64(NFTA_CHAIN_HANDLE), {}});
    });
    socket.dump(nft_message(NFT_MSG_GETRULE), [&](const NetlinkAttributes& rule) {
        if (rule.text(NFTA_RULE_TABLE) != table)
            return;
        for (NftHandles::Chain& chain : out.chains)
            if (chain.name == rule.text(NFTA_RULE_CHAIN))
                chain.rules.push_back(rule.u64(NFTA_RULE_HANDLE));
    });
    return out;
}

bool has_nft_tables() {
    bool any = false;
    NftSocket().dump(
        nft_message(NFT_MSG_GETTABLE), [&](const NetlinkAttributes&) { any = true; }, AF_UNSPEC);
    return any;
}

} // namespace nflab::nfverdict
