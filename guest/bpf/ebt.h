/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "xt.h"

/* include/uapi/linux/netfilter_bridge/ebtables.h */
enum {
    EBT_DROP = -2,
    EBT_CONTINUE = -3,
    EBT_RETURN = -4,
    EBT_TARGET_OFFSET = 0x68,    /* of struct ebt_entry */
    EBT_STANDARD_VERDICT = 0x28, /* of struct ebt_standard_target */
    EBT_CHAIN_POLICY = 0x28,     /* of struct ebt_entries */
    EBT_INFO_ENTRIES = 0x40,     /* of struct ebt_table_info */
    EBT_FAMILY = 7,              /* NFPROTO_BRIDGE */
    EBT_BROUTING = 5,            /* NF_BR_BROUTING */
};

INLINE __u32 ebt_offset(__u64 table, __u64 entry) {
    __u64 info = read_u64(table + config.ebt.table_private);
    return (__u32)(entry - read_u64(info + EBT_INFO_ENTRIES));
}

INLINE void fill_ebt(struct nfv_event* event, const struct xt_hit* hit) {
    event->table_family = EBT_FAMILY;
    event->entry = hit->offset;
    fill_packet(event, hit->skb, hit->state);
    read_moment(event, NFV_RULESET_XT, netns_slot(event->netns));
    bpf_probe_read_kernel_str(event->table, NFV_NAME,
                              (const void*)(hit->table + config.ebt.table_name));
    read_mac(event, (struct sk_buff*)hit->skb);
    put_xt_path(event, hit->key, hit->table);
}

INLINE bool ebt_final(__s32 verdict) {
    return verdict < 0 && verdict != EBT_RETURN && verdict != EBT_CONTINUE;
}

/* After a verdict of an entry, or the policy of a chain, in this hook. */
INLINE void ebt_goes_on(__u64 key, __u64 table, __s32 verdict, __u32 entry, __u64 skb, __u8 hook) {
    /* What broute drops goes on, as a packet for this machine. */
    if (verdict == EBT_DROP && hook != EBT_BROUTING)
        explain(skb, 0);
    if (verdict >= 0)
        xt_path_enters(key, table, entry, 0);
    else if (verdict == EBT_RETURN)
        xt_path_returns(key, table);
    else if (verdict != EBT_CONTINUE)
        xt_path_ends(key);
}

/* What stands at hit->offset, an entry with the standard target or a chain, has this verdict. */
INLINE int ebt_decides(__u32 kind, const struct xt_hit* hit, __s32 verdict) {
    if (ebt_final(verdict) || config.all) {
        struct nfv_event* event = begin_event(kind, NFV_SITE, NFV_RULESET_XT);
        if (event) {
            event->verdict = verdict;
            fill_ebt(event, hit);
            bpf_ringbuf_submit(event, wakeup(event));
        }
    }
    const struct nf_hook_state* state = (const struct nf_hook_state*)hit->state;
    const __u8 hook = BPF_CORE_READ(state, hook);
    ebt_goes_on(hit->key, hit->table, verdict, hit->offset, hit->skb, hook);
    return 0;
}

SEC("kprobe")
int on_ebt_enter(struct pt_regs* ctx) {
    return xt_enters(ctx, &config.ebt.entered);
}

SEC("kprobe")
int on_ebt_matched(struct pt_regs* ctx) {
    __u64 entry = read_location(ctx, &config.ebt.entry);
    struct xt_hit hit = {.skb = read_location(ctx, &config.ebt.skb),
                         .state = read_location(ctx, &config.ebt.state)};
    hit.key = xt_key(hit.skb);
    hit.table = xt_entered_table(hit.key);
    hit.offset = ebt_offset(hit.table, entry);
    __u64 target = entry + (__u32)read_s32(entry + EBT_TARGET_OFFSET);
    __u64 kernel = read_u64(target);
    if (read_u64(kernel + config.xt_layout.target_function)) {
        struct nfv_event* event = begin_target(hit.key);
        if (event) {
            fill_ebt(event, &hit);
            fill_target(event, kernel);
        }
        return 0;
    }
    return ebt_decides(NFV_XT_STANDARD, &hit, read_s32(target + EBT_STANDARD_VERDICT));
}

SEC("kprobe")
int on_ebt_result(struct pt_regs* ctx) {
    __u64 skb = read_location(ctx, &config.ebt.result_skb);
    __u64 key = xt_key(skb);
    struct nfv_event* event = bpf_map_lookup_elem(&running, &key);
    const __s32 verdict = (__s32)ctx->ax;
    /* The result of a standard target may pass here, too, and has been told. */
    if (!event)
        return 0;
    if (ebt_final(verdict) || config.all)
        target_decided(key, skb, event, (__u32)verdict, 0);
    ebt_goes_on(key, xt_entered_table(key), verdict, event->entry, skb, event->hook);
    bpf_map_delete_elem(&running, &key);
    return 0;
}

SEC("kprobe")
int on_ebt_policy(struct pt_regs* ctx) {
    __u64 chain = read_location(ctx, &config.ebt.policy_chain);
    struct xt_hit hit = {.skb = read_location(ctx, &config.ebt.policy_skb),
                         .state = read_location(ctx, &config.ebt.policy_state)};
    hit.key = xt_key(hit.skb);
    hit.table = xt_entered_table(hit.key);
    hit.offset = ebt_offset(hit.table, chain);
    return ebt_decides(NFV_XT_POLICY, &hit, read_s32(chain + EBT_CHAIN_POLICY));
}
