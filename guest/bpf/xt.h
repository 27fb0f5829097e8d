/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "explained.h"
#include "xt_path.h"

#define LAYOUT config.xt_layout

/* Entries whose target is running. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 1024);
    __type(key, __u64);
    __type(value, struct nfv_event);
} running SEC(".maps");

/* An event does not fit on a program's stack. */
static const struct nfv_event empty_event = {};

/* XT_TABLE_MAXNAMELEN of include/uapi/linux/netfilter/x_tables.h is 32; the kernel's own names are
 * shorter. */
enum { NFV_TABLE_NAME = 16 };

struct table_piece {
    __u64 words[7]; /* of struct xt_table, from private to the first bytes of name */
};

INLINE void fill_packet(struct nfv_event* event, __u64 skb, __u64 state) {
    struct sk_buff* packet = (struct sk_buff*)skb;
    read_packet(event, packet);
    read_connection(event);
    if (state)
        read_state_at_kprobe(event, (struct nf_hook_state*)state);
    else
        event->netns = BPF_CORE_READ(packet, dev, nd_net.net, ns.inum);
}

INLINE void fill_name(struct nfv_event* event, const struct table_piece* piece, __u64 table) {
    const __u32 at = LAYOUT.table_name - LAYOUT.table_private;
    if (config.pieces) {
        __builtin_memcpy(event->table, (const __u8*)piece + at, NFV_TABLE_NAME);
        if (!event->table[NFV_TABLE_NAME - 1])
            return;
    }
    bpf_probe_read_kernel_str(event->table, NFV_NAME, (const void*)(table + LAYOUT.table_name));
}

/* The standard target of each family, as soon as one has been seen. It is part of the module that
 * holds the probes, so its address cannot become another one's. */
__u64 standard_target[3] = {};

INLINE bool is_standard(__u64 target_kernel, __u64* known) {
    if (target_kernel == *(volatile __u64*)known)
        return 1;
    if (read_u64(target_kernel + LAYOUT.target_function))
        return 0;
    *(volatile __u64*)known = target_kernel;
    return 1;
}

/* An event that waits for its target's verdict, or NULL, which is counted. */
INLINE struct nfv_event* begin_target(__u64 key) {
    bpf_map_update_elem(&running, &key, &empty_event, BPF_ANY);
    struct nfv_event* event = bpf_map_lookup_elem(&running, &key);
    if (!event) {
        count_lost();
        return 0;
    }
    reset_event(event, NFV_XT_TARGET, NFV_SITE, NFV_RULESET_XT);
    return event;
}

INLINE void fill_target(struct nfv_event* event, __u64 target_kernel) {
    bpf_probe_read_kernel_str(event->target, NFV_TARGET,
                              (const void*)(target_kernel + LAYOUT.target_name));
}

/* XT_RETURN of include/uapi/linux/netfilter/x_tables.h, as a standard target's verdict. */
#define STANDARD_RETURN (-5)

/* An entry of which everything but the walk is known. */
struct xt_hit {
    __u64 key, skb, table, state;
    __u32 offset;
};

INLINE void fill_hit(struct nfv_event* event, const struct xt_hit* hit,
                     const struct table_piece* table, __u8 family) {
    event->table_family = family;
    event->entry = hit->offset;
    fill_packet(event, hit->skb, hit->state);
    read_moment(event, NFV_RULESET_XT, table_slot(hit->table));
    fill_name(event, table, hit->table);
    put_xt_path(event, hit->key, hit->table);
}

struct offsets_piece {
    __u16 target, next; /* within struct ipt_entry and its siblings */
};

struct target_piece {
    __u64 words[4]; /* struct xt_standard_target, from the kernel's struct xt_target * on */
};

INLINE int xt_matched(struct pt_regs* ctx, const volatile struct nfv_xt_site* site,
                      __u64* standard) {
    __u64 entry = read_location(ctx, &site->entry);
    struct xt_hit hit = {.skb = read_location(ctx, &site->skb)};
    hit.key = xt_key(hit.skb);
    struct location_pair walk;
    read_pair(&walk, ctx, &site->table, &site->state);
    hit.table = site->table.kind ? walk.first : xt_entered_table(hit.key);
    hit.state = walk.second;
    struct offsets_piece offsets;
    bpf_probe_read_kernel(&offsets, sizeof(offsets),
                          (const void*)(entry + site->target_offset_field));
    struct target_piece target;
    const __u64 at = entry + offsets.target + LAYOUT.target_kernel;
    bpf_probe_read_kernel(&target, sizeof(target), (const void*)at);
    const __u64 kernel = target.words[0];
    struct table_piece table;
    bpf_probe_read_kernel(&table, sizeof(table), (const void*)(hit.table + LAYOUT.table_private));
    hit.offset = (__u32)(entry - table.words[0] - LAYOUT.info_entries);
    /* Two ways, and not one: the verifier must not take one kind of memory for the other. */
    if (!is_standard(kernel, standard)) {
        struct nfv_event* event = begin_target(hit.key);
        if (event) {
            fill_hit(event, &hit, &table, site->family);
            fill_target(event, kernel);
        }
        return 0;
    }
    const __s32 verdict = TAKE(__s32, target, LAYOUT.standard_verdict - LAYOUT.target_kernel,
                               read_s32(entry + offsets.target + LAYOUT.standard_verdict));
    const bool final = verdict < 0 && verdict != STANDARD_RETURN;
    if (final || config.all) {
        struct nfv_event* event = begin_event(NFV_XT_STANDARD, NFV_SITE, NFV_RULESET_XT);
        if (event) {
            event->verdict = verdict;
            fill_hit(event, &hit, &table, site->family);
            if (final)
                explain(hit.skb, -verdict - 1);
            bpf_ringbuf_submit(event, wakeup(event));
        }
    }
    if (final) {
        xt_path_ends(hit.key);
    } else if (verdict == STANDARD_RETURN) {
        xt_path_returns(hit.key, hit.table);
    } else if ((__u32)verdict != hit.offset + offsets.next) {
        const bool left = site->goto_flag & read_u8(entry + site->flags_field);
        xt_path_enters(hit.key, hit.table, hit.offset, left ? NFV_LEFT_BY_GOTO : 0);
    }
    return 0;
}

/* Hands the event of a target on, now that its verdict is known. */
INLINE void target_decided(__u64 key, __u64 skb, struct nfv_event* event, __u32 verdict,
                           bool stolen) {
    event->verdict = (__s32)verdict;
    event->time = bpf_ktime_get_ns();
    event->cpu = bpf_get_smp_processor_id();
    /* A NAT target has just decided what the answer will look like; of a stolen packet nothing may
     * be left to read. */
    if (!stolen)
        read_conntrack(event, (struct sk_buff*)skb);
    if (bpf_ringbuf_output(&events, event, sizeof(*event), wakeup(event)))
        count_lost();
}

INLINE int xt_result(struct pt_regs* ctx, const volatile struct nfv_xt_site* site) {
    /* XT_CONTINUE, NF_STOLEN */
    const __u32 go_on = 0xffffffff, stolen = 2;
    __u64 skb = read_location(ctx, &site->result_skb);
    __u64 key = xt_key(skb);
    struct nfv_event* event = bpf_map_lookup_elem(&running, &key);
    if (!event) {
        count_lost();
        return 0;
    }
    __u32 verdict = (__u32)ctx->ax;
    if (verdict != go_on || config.all)
        target_decided(key, skb, event, verdict, (verdict & 0xff) == stolen);
    if (verdict != go_on) {
        explain(skb, verdict);
        xt_path_ends(key);
    }
    bpf_map_delete_elem(&running, &key);
    return 0;
}

INLINE int xt_hotdrop(struct pt_regs* ctx, const volatile struct nfv_xt_site* site) {
    if (!read_u8(ctx->sp + (__s64)site->hotdrop.flag))
        return 0;
    __u64 skb = read_location(ctx, &site->hotdrop.skb);
    __u64 table = read_location(ctx, &site->hotdrop.table);
    __u64 key = xt_key(skb);
    struct nfv_event* event = begin_event(NFV_XT_HOTDROP, NFV_SITE, NFV_RULESET_XT);
    if (event) {
        event->table_family = site->family;
        fill_packet(event, skb, read_location(ctx, &site->hotdrop.state));
        read_moment(event, NFV_RULESET_XT, table_slot(table));
        bpf_probe_read_kernel_str(event->table, NFV_NAME, (const void*)(table + LAYOUT.table_name));
        explain(skb, 0);
        bpf_ringbuf_submit(event, wakeup(event));
    }
    xt_path_ends(key);
    return 0;
}

SEC("kprobe")
int on_ipt_matched(struct pt_regs* ctx) {
    return xt_matched(ctx, &config.xt[0], &standard_target[0]);
}

SEC("kprobe")
int on_ip6t_matched(struct pt_regs* ctx) {
    return xt_matched(ctx, &config.xt[1], &standard_target[1]);
}

SEC("kprobe")
int on_ipt_result(struct pt_regs* ctx) {
    return xt_result(ctx, &config.xt[0]);
}

SEC("kprobe")
int on_ip6t_result(struct pt_regs* ctx) {
    return xt_result(ctx, &config.xt[1]);
}

SEC("kprobe")
int on_ipt_hotdrop(struct pt_regs* ctx) {
    return xt_hotdrop(ctx, &config.xt[0]);
}

SEC("kprobe")
int on_ip6t_hotdrop(struct pt_regs* ctx) {
    return xt_hotdrop(ctx, &config.xt[1]);
}

SEC("kprobe")
int on_arpt_enter(struct pt_regs* ctx) {
    return xt_enters(ctx, &config.xt[2].entered);
}

SEC("kprobe")
int on_arpt_matched(struct pt_regs* ctx) {
    return xt_matched(ctx, &config.xt[2], &standard_target[2]);
}

SEC("kprobe")
int on_arpt_result(struct pt_regs* ctx) {
    return xt_result(ctx, &config.xt[2]);
}

#undef LAYOUT
