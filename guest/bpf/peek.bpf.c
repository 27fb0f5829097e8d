/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads kernel memory for user space, which runs these programs itself (BPF_PROG_TEST_RUN): nothing
 * is attached, and a bad address is an error, not a crash. */
#include "read.h"

struct bpf_raw_tracepoint_args {
    __u64 args[2];
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct nsproxy {
    struct net* net_ns;
};

struct task_struct {
    struct nsproxy* nsproxy;
};

#pragma clang attribute pop

enum { NFV_PEEK = 4096 };

__u8 copied[NFV_PEEK] = {};
__u64 netns = 0;

/* address, size: at most NFV_PEEK bytes. */
SEC("raw_tp")
int copy(struct bpf_raw_tracepoint_args* ctx) {
    __u64 size = ctx->args[1];
    if (size > NFV_PEEK)
        return -1;
    return (int)bpf_probe_read_kernel(copied, (__u32)size, (const void*)ctx->args[0]);
}

SEC("raw_tp")
int find_netns(struct bpf_raw_tracepoint_args* ctx) {
    struct task_struct* task = (struct task_struct*)bpf_get_current_task();
    netns = (__u64)BPF_CORE_READ(task, nsproxy, net_ns);
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
