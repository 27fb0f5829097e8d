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

std::string words(std::size_t bytes) {
    return fmt::format("x64[{}]", bytes / 8);
}

void add_conntrack(Arguments& out, const std::string& skb, const PacketLayout& layout) {
    const std::string conntrack = at(layout.skb_conntrack, skb);
    out.add("nfct", conntrack, "x64");
    out.add("conntrack", at(-std::int64_t{kprobe_conntrack_lead}, conntrack),
            words(kprobe_conntrack_size));
}

void add_any_packet(Arguments& out, const std::string& skb, const PacketLayout& layout) {
    out.add("skb", skb, "x64");
    out.add("length", at(layout.skb_length, skb), "u32");
    out.add("data_length", at(layout.skb_data_length, skb), "u32");
    out.add("mark", at(layout.skb_mark, skb), "u32");
    out.add("protocol", at(layout.skb_protocol, skb), "x16");
    out.add("head", at(layout.skb_head, skb), "x64");
    out.add("data", at(layout.skb_data, skb), "x64");
    out.add("network_header", at(layout.skb_network_header, skb), "u16");
    add_conntrack(out, skb, layout);
}

/// One whose data begins at its headers, or before them.
void add_packet(Arguments& out, const std::string& skb, const PacketLayout& layout) {
    const std::string data = at(layout.skb_data, skb);
    add_any_packet(out, skb, layout);
    out.add("mac_header", at(layout.skb_mac_header, skb), "u16");
    out.add("bytes", at(0, data), words(kprobe_header_size));
    out.add("mac", at(-std::int64_t{kprobe_mac_size}, data),
            fmt::format("x8[{}]", std::size_t{kprobe_mac_size}));
}

/// One that is freed somewhere on its way: its data may begin behind its headers, its namespace is
/// to be had from its device or its socket.
void add_freed_packet(Arguments& out, const std::string& skb, const PacketLayout& layout) {
    const auto bits = [&](const char* name, const BitField& field) {
        out.add(name, at(field.offset, skb), fmt::format("b{}@{}/8", field.count, field.first));
    };
    const std::string device = at(layout.skb_device, skb);
    const std::string route = at(layout.skb_route, skb);
    const std::string socket = at(layout.skb_socket, skb);
    add_any_packet(out, skb, layout);
    out.add("around", at(-std::int64_t{kprobe_around_lead}, at(layout.skb_data, skb)),
            words(kprobe_around_size));
    bits("packet_type", layout.skb_packet_type);
    bits("summed", layout.skb_summed);
    bits("valid", layout.skb_valid);
    out.add("device", device, "x64");
    out.add("device_name", at(layout.device_name, device), "string");
    out.add("device_netns", at(layout.net_inode, at(layout.device_net, device)), "u32");
    out.add("socket", socket, "x64");
    out.add("socket_netns", at(layout.net_inode, at(layout.socket_net, socket)), "u32");
    out.add("route", route, "x64");
    // The lowest bit of that address says something else: SKB_DST_NOREF of include/linux/skbuff.h.
    // What the wrong one of the two finds is no address, and must not be followed: the kernel warns
    // of some of those.
    for (const std::int64_t flag : {0, 1}) {
        const std::string suffix = flag ? "_flagged" : "";
        out.add("route_error" + suffix, at(layout.route_error - flag, route), "s16");
        out.add("route_device" + suffix, at(layout.route_device - flag, route), "x64");
    }
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

void add_table(Arguments& out, const std::string& table, const nfv_xt_layout& layout) {
    out.add("walked", table, "x64");
    out.add("table", at(layout.table_name, table), "string");
    out.add("private", at(layout.table_private, table), "x64");
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
    if (table.kind != NFV_NOWHERE)
        add_table(out, value_at(table), layout);
}

void add_entry(Arguments& out, const std::string& entry) {
    out.add("entry_address", entry, "x64");
    out.add("entry", at(0, entry), words(kprobe_entry_size));
    out.add("entry_rest", at(kprobe_entry_size, entry), words(kprobe_entry_size));
}

std::string result_arguments(const nfv_location& where, const PacketLayout& packet) {
    const std::string skb = value_at(where);
    Arguments out;
    out.add("skb", skb, "x64");
    out.add("result", "%ax", "s32");
    add_conntrack(out, skb, packet);
    return out.take();
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
    Arguments out;
    add_walk(out, site.skb, site.table, site.state, layout, packet);
    add_entry(out, value_at(site.entry));
    return out.take();
}

std::string xt_result_arguments(const nfv_xt_site& site, const PacketLayout& packet) {
    return result_arguments(site.result_skb, packet);
}

std::string xt_hotdrop_arguments(const nfv_xt_site& site, const nfv_xt_layout& layout,
                                 const PacketLayout& packet) {
    Arguments out;
    add_walk(out, site.hotdrop.skb, site.hotdrop.table, site.hotdrop.state, layout, packet);
    out.add("flag", at(site.hotdrop.flag, "%sp"), "u8");
    return out.take();
}

std::string xt_entered_arguments(const nfv_xt_site& site, const nfv_xt_layout& layout) {
    Arguments out;
    out.add("skb", value_at(site.entered.skb), "x64");
    add_table(out, value_at(site.entered.table), layout);
    return out.take();
}

std::string ebt_entered_arguments(const nfv_ebt_site& site) {
    constexpr std::uint32_t info_entries = 0x40; // of struct ebt_table_info, as guest/bpf/ebt.h has
    const std::string table = value_at(site.entered.table);
    Arguments out;
    out.add("skb", value_at(site.entered.skb), "x64");
    out.add("walked", table, "x64");
    out.add("table", at(site.table_name, table), "string");
    out.add("entries", at(info_entries, at(site.table_private, table)), "x64");
    return out.take();
}

std::string ebt_matched_arguments(const nfv_ebt_site& site, const PacketLayout& packet) {
    Arguments out;
    add_packet(out, value_at(site.skb), packet);
    add_state(out, value_at(site.state), packet);
    add_entry(out, value_at(site.entry));
    return out.take();
}

std::string ebt_result_arguments(const nfv_ebt_site& site, const PacketLayout& packet) {
    return result_arguments(site.result_skb, packet);
}

std::string ebt_policy_arguments(const nfv_ebt_site& site, const PacketLayout& packet) {
    constexpr std::uint32_t chain_policy = 0x28; // of struct ebt_entries
    const std::string chain = value_at(site.policy_chain);
    Arguments out;
    add_packet(out, value_at(site.policy_skb), packet);
    add_state(out, value_at(site.policy_state), packet);
    out.add("entry_address", chain, "x64");
    out.add("policy", at(chain_policy, chain), "s32");
    return out.take();
}

std::string change_arguments(const PacketLayout& packet) {
    Arguments out;
    out.add("netns", at(packet.net_inode, "%di"), "u32");
    return out.take();
}

std::string hook_arguments(const PacketLayout& packet) {
    Arguments out;
    out.add("skb", "%di", "x64");
    out.add("headers", at(0, at(packet.skb_data, "%di")), words(kprobe_identity_size));
    add_state(out, "%si", packet);
    return out.take();
}

std::string freeing_arguments(const PacketLayout& packet) {
    Arguments out;
    add_freed_packet(out, "%di", packet);
    return out.take();
}

std::string freed_arguments(const PacketLayout& packet, bool reason) {
    Arguments out;
    add_freed_packet(out, "$skbaddr", packet);
    out.add("location", "$location", "x64");
    if (reason)
        out.add("reason", "$reason", "u32");
    return out.take();
}

} // namespace nflab::nfverdict
