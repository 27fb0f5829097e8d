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

INLINE void fill_packet(struct nfv_event* event, __u64 skb, __u64 state) {
    struct sk_buff* packet = (struct sk_buff*)skb;
    read_packet(event, packet);
    read_connection(event);
    if (state)
        read_state_at_kprobe(event, (struct nf_hook_state*)state);
    else
        event->netns = BPF_CORE_READ(packet, dev, nd_net.net, ns.inum);
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

struct offsets_piece {
    __u16 target, next; /* within struct ipt_entry and its siblings */
};

struct target_piece {
    __u64 words[4]; /* struct xt_standard_target, from the kernel's struct xt_target * on */
};

/* What an entry says is read once for as long as its table is not replaced, which is counted before
 * it happens: nothing else changes a table's blob. */
enum { NFV_ENTRIES = 64 };

struct known_entry {
    __u64 entry, table;
    __u64 kernel;              /* the target's struct xt_target; 0: the standard target */
    char name[NFV_TABLE_NAME]; /* the table's; empty where it is longer */
    __u32 started;
    __u32 offset, next;
    __s32 verdict; /* the standard target's */
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, NFV_ENTRIES);
    __type(key, __u32);
    __type(value, struct known_entry);
} known_entries SEC(".maps");

INLINE void read_entry(struct known_entry* known, __u64 entry, __u64 table,
                       const volatile struct nfv_xt_site* site) {
    struct offsets_piece offsets;
    bpf_probe_read_kernel(&offsets, sizeof(offsets),
                          (const void*)(entry + site->target_offset_field));
    struct target_piece target;
    const __u64 at = entry + offsets.target + LAYOUT.target_kernel;
    bpf_probe_read_kernel(&target, sizeof(target), (const void*)at);
    const __u64 kernel = target.words[0];
    known->entry = entry;
    known->table = table;
    known->kernel = read_u64(kernel + LAYOUT.target_function) ? kernel : 0;
    known->verdict = TAKE(__s32, target, LAYOUT.standard_verdict - LAYOUT.target_kernel,
                          read_s32(entry + offsets.target + LAYOUT.standard_verdict));
    known->next = offsets.next;
    known->offset = (__u32)(entry - read_u64(table + LAYOUT.table_private) - LAYOUT.info_entries);
    if (bpf_probe_read_kernel_str(known->name, NFV_TABLE_NAME,
                                  (const void*)(table + LAYOUT.table_name)) == NFV_TABLE_NAME)
        known->name[0] = 0;
}

INLINE struct known_entry* know_entry(__u64 entry, __u64 table,
                                      const volatile struct nfv_xt_site* site) {
    __u32 slot = (__u32)(entry >> 4 ^ entry >> 10) & (NFV_ENTRIES - 1);
    const __u32 started = *(volatile __u32*)&moment_at(NFV_RULESET_XT, table_slot(table))->started;
    struct known_entry* known = bpf_map_lookup_elem(&known_entries, &slot);
    if (known && (known->entry != entry || known->table != table || known->started != started)) {
        read_entry(known, entry, table, site);
        known->started = started;
    }
    return known;
}

INLINE void fill_hit(struct nfv_event* event, const struct xt_hit* hit,
                     const struct known_entry* known, __u8 family) {
    event->table_family = family;
    event->entry = hit->offset;
    fill_packet(event, hit->skb, hit->state);
    read_moment(event, NFV_RULESET_XT, table_slot(hit->table));
    if (known->name[0])
        __builtin_memcpy(event->table, known->name, NFV_TABLE_NAME);
    else
        bpf_probe_read_kernel_str(event->table, NFV_NAME,
                                  (const void*)(hit->table + LAYOUT.table_name));
    put_xt_path(event, hit->key, hit->table);
}

INLINE int xt_matched(struct pt_regs* ctx, const volatile struct nfv_xt_site* site) {
    __u64 entry = read_location(ctx, &site->entry);
    struct xt_hit hit = {.skb = read_location(ctx, &site->skb)};
    hit.key = xt_key(hit.skb);
    struct location_pair walk;
    read_pair(&walk, ctx, &site->table, &site->state);
    hit.table = site->table.kind ? walk.first : xt_entered_table(hit.key);
    hit.state = walk.second;
    struct known_entry* known = know_entry(entry, hit.table, site);
    if (!known)
        return 0;
    hit.offset = known->offset;
    /* Two ways, and not one: the verifier must not take one kind of memory for the other. */
    if (known->kernel) {
        struct nfv_event* event = begin_target(hit.key);
        if (event) {
            fill_hit(event, &hit, known, site->family);
            fill_target(event, known->kernel);
        }
        return 0;
    }
    const __s32 verdict = known->verdict;
    const bool final = verdict < 0 && verdict != STANDARD_RETURN;
    if (final || config.all) {
        struct nfv_event* event = begin_event(NFV_XT_STANDARD, NFV_SITE, NFV_RULESET_XT);
        if (event) {
            event->verdict = verdict;
            fill_hit(event, &hit, known, site->family);
            if (final)
                explain(hit.skb, -verdict - 1);
            bpf_ringbuf_submit(event, wakeup(event));
        }
    }
    if (final) {
        xt_path_ends(hit.key);
    } else if (verdict == STANDARD_RETURN) {
        xt_path_returns(hit.key, hit.table);
    } else if ((__u32)verdict != hit.offset + known->next) {
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
    return xt_matched(ctx, &config.xt[0]);
}

SEC("kprobe")
int on_ip6t_matched(struct pt_regs* ctx) {
    return xt_matched(ctx, &config.xt[1]);
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
    return xt_matched(ctx, &config.xt[2]);
}

SEC("kprobe")
int on_arpt_result(struct pt_regs* ctx) {
    return xt_result(ctx, &config.xt[2]);
}

#undef LAYOUT
