// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tracefs/kprobe_definition.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace nflab::nfverdict {
namespace {

// struct pt_regs in words, by the names of regs_query_register_offset(): arch/x86/kernel/ptrace.c.
constexpr std::array<std::string_view, 20> registers{
    "r15", "r14", "r13", "r12", "bp", "bx",      "r11", "r10", "r9",    "r8",
    "ax",  "cx",  "dx",  "si",  "di", "orig_ax", "ip",  "cs",  "flags", "sp"};

std::string at(std::int64_t offset, const std::string& address) {
    return fmt::format("{:+}({})", offset, address);
}

std::string value_at(const nfv_location& where) {
    constexpr std::size_t word = 8;
    if (where.kind == NFV_STACK)
        return at(where.offset, "%sp");
    return fmt::format("%{}", registers.at(static_cast<std::size_t>(where.offset) / word));
}

class Arguments {
  public:
    void add(std::string_view name, const std::string& value, std::string_view type) {
        text_ += fmt::format(" {}={}:{}", name, value, type);
    }
    std::string take() { return std::move(text_); }

  private:
    std::string text_;
};

void add_packet(Arguments& out, const std::string& skb, const PacketLayout& layout) {
    const std::string data = at(layout.skb_data, skb);
    const std::string conntrack = at(layout.skb_conntrack, skb);
    out.add("skb", skb, "x64");
    out.add("length", at(layout.skb_length, skb), "u32");
    out.add("data_length", at(layout.skb_data_length, skb), "u32");
    out.add("mark", at(layout.skb_mark, skb), "u32");
    out.add("protocol", at(layout.skb_protocol, skb), "x16");
    out.add("head", at(layout.skb_head, skb), "x64");
    out.add("data", data, "x64");
    out.add("network_header", at(layout.skb_network_header, skb), "u16");
    out.add("mac_header", at(layout.skb_mac_header, skb), "u16");
    out.add("bytes", at(0, data), fmt::format("x64[{}]", kprobe_header_size / 8));
    out.add("mac", at(-std::int64_t{kprobe_mac_size}, data), fmt::format("x8[{}]", 14));
    out.add("nfct", conntrack, "x64");
    out.add("conntrack", at(-std::int64_t{kprobe_conntrack_lead}, conntrack),
            fmt::format("x64[{}]", kprobe_conntrack_size / 8));
}

void add_state(Arguments& out, const std::string& state, const PacketLayout& layout) {
    out.add("hook", at(layout.state_hook, state), "u8");
    out.add("pf", at(layout.state_pf, state), "u8");
    out.add("netns", at(layout.net_inode, at(layout.state_net, state)), "u32");
    out.add("in", at(layout.device_name, at(layout.state_in, state)), "string");
    out.add("out", at(layout.device_name, at(layout.state_out, state)), "string");
}

void add_chain(Arguments& out, const std::string& prefix, const std::string& chain,
               const nfv_nft_layout& layout) {
    out.add(prefix, chain, "x64");
    out.add(prefix + "_handle", at(layout.chain_handle, chain), "u64");
    out.add(prefix + "_name", at(0, at(layout.chain_name, chain)), "string");
}

void add_nft(Arguments& out, const nfv_nft_site& site, const nfv_nft_layout& layout,
             const PacketLayout& packet) {
    const std::string pkt = value_at(site.pkt);
    const std::string base = value_at(site.base_chain);
    out.add("pkt", pkt, "x64");
    add_packet(out, at(0, pkt), packet);
    add_state(out, at(layout.pkt_state, pkt), packet);
    add_chain(out, "base", base, layout);
    out.add("table", at(0, at(layout.table_name, at(layout.chain_table, base))), "string");
    const auto back = [](std::uint32_t distance) { return -static_cast<std::int64_t>(distance); };
    out.add("family", at(back(layout.base_pf), base), "u8");
    out.add("priority", at(back(layout.base_priority), base), "s32");
    out.add("policy", at(back(layout.base_policy), base), "u8");
}

void add_walk(Arguments& out, const nfv_location& skb, const nfv_location& table,
              const nfv_location& state, const nfv_xt_layout& layout, const PacketLayout& packet) {
    add_packet(out, value_at(skb), packet);
    if (state.kind != NFV_NOWHERE)
        add_state(out, value_at(state), packet);
    else
        out.add("netns",
                at(packet.net_inode, at(packet.device_net, at(packet.skb_device, value_at(skb)))),
                "u32");
    out.add("walked", value_at(table), "x64");
    out.add("table", at(layout.table_name, value_at(table)), "string");
    out.add("private", at(layout.table_private, value_at(table)), "x64");
}

} // namespace

std::string nft_verdict_arguments(const nfv_nft_site& site, const nfv_nft_layout& layout,
                                  const PacketLayout& packet) {
    // struct nft_verdict {u32 code; struct nft_chain *chain}, in struct nft_regs as long as four
    // registers, which follow it.
    constexpr std::int32_t verdict_chain = 8;
    constexpr std::int32_t first_register = 16;
    const std::string rule = value_at(site.rule);
    Arguments out;
    add_nft(out, site, layout, packet);
    out.add("code", at(site.verdict_code, "%sp"), "s32");
    out.add("rule", rule, "x64");
    out.add("rule_head", at(layout.handle_offset, rule), "x64");
    add_chain(out, "target", at(site.verdict_code + verdict_chain, "%sp"), layout);
    if (site.chain.kind != NFV_NOWHERE)
        add_chain(out, "chain", value_at(site.chain), layout);
    else if (layout.last_chain)
        add_chain(out, "chain", at(layout.last_chain, rule), layout);
    if (site.has_registers)
        out.add("registers", at(site.verdict_code + first_register, "%sp"), "x64[8]");
    return out.take();
}

std::string nft_policy_arguments(const nfv_nft_site& site, const nfv_nft_layout& layout,
                                 const PacketLayout& packet) {
    Arguments out;
    add_nft(out, site, layout, packet);
    return out.take();
}

std::string xt_matched_arguments(const nfv_xt_site& site, const nfv_xt_layout& layout,
                                 const PacketLayout& packet) {
    const std::string entry = value_at(site.entry);
    const std::string words = fmt::format("x64[{}]", kprobe_entry_size / 8);
    Arguments out;
    add_walk(out, site.skb, site.table, site.state, layout, packet);
    out.add("entry_address", entry, "x64");
    out.add("entry", at(0, entry), words);
    out.add("entry_rest", at(kprobe_entry_size, entry), words);
    return out.take();
}

std::string xt_result_arguments(const nfv_xt_site& site, const PacketLayout& packet) {
    const std::string skb = value_at(site.result_skb);
    const std::string conntrack = at(packet.skb_conntrack, skb);
    Arguments out;
    out.add("skb", skb, "x64");
    out.add("result", "%ax", "s32");
    out.add("nfct", conntrack, "x64");
    out.add("conntrack", at(-std::int64_t{kprobe_conntrack_lead}, conntrack),
            fmt::format("x64[{}]", kprobe_conntrack_size / 8));
    return out.take();
}

std::string xt_hotdrop_arguments(const nfv_xt_site& site, const nfv_xt_layout& layout,
                                 const PacketLayout& packet) {
    Arguments out;
    add_walk(out, site.hotdrop.skb, site.hotdrop.table, site.hotdrop.state, layout, packet);
    out.add("flag", at(site.hotdrop.flag, "%sp"), "u8");
    return out.take();
}

std::string nft_commit_arguments(const PacketLayout& packet) {
    Arguments out;
    out.add("netns", at(packet.net_inode, "%di"), "u32");
    return out.take();
}

} // namespace nflab::nfverdict
