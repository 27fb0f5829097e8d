/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "read.h"

/* Hits of our kprobes that the kernel has left out: it runs none while another one runs on the same
 * CPU, and interrupts are let in while an optimized one runs, with all packets that they bring. It
 * counts them (struct kprobe's nmissed) where only newer kernels show them to user space. */

enum { NFV_PROBES = 64 }; /* attached at once, at most */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* What a perf event of a kprobe leads to: kernel/trace/trace_kprobe.c, trace_probe.h. */
struct list_head {
    struct list_head* next;
};

struct kprobe {
    unsigned long nmissed;
};

struct kretprobe {
    struct kprobe kp;
};

struct trace_probe {
    struct list_head list;
};

struct trace_kprobe {
    struct kretprobe rp;
    struct trace_probe tp;
};

struct trace_event_call {
    struct list_head list;
};

struct trace_probe_event {
    struct trace_event_call call;
    struct list_head probes;
};

struct perf_event {
    struct trace_event_call* tp_event;
};

struct file {
    void* private_data;
};

struct fdtable {
    struct file** fd;
};

struct files_struct {
    struct fdtable* fdt;
};

struct task_struct {
    struct files_struct* files;
};

#pragma clang attribute pop

/* User space's: descriptors of its perf events, and what came of each. */
__s32 probe_fds[NFV_PROBES] = {};
__u64 probe_missed[NFV_PROBES] = {};

/* Asks for the i-th; not 0 when there is none. */
CHECKED_ONCE int ask_missed(__u64 i) {
    if (i >= NFV_PROBES)
        return 1;
    const __s32 fd = *(volatile __s32*)&probe_fds[i];
    if (fd < 0)
        return 1;
    struct task_struct* task = (struct task_struct*)bpf_get_current_task();
    struct file** files = BPF_CORE_READ(task, files, fdt, fd);
    struct file* file = (struct file*)read_u64((__u64)(files + fd));
    struct perf_event* event = BPF_CORE_READ(file, private_data);
    const __u64 call = (__u64)BPF_CORE_READ(event, tp_event);
    struct trace_probe_event* all = 0;
    all = (struct trace_probe_event*)(call - __CORE_RELO(all, call, BYTE_OFFSET));
    struct trace_kprobe* probe = 0;
    struct trace_probe* part = 0;
    probe = (struct trace_kprobe*)((__u64)BPF_CORE_READ(all, probes.next) -
                                   __CORE_RELO(part, list, BYTE_OFFSET) -
                                   __CORE_RELO(probe, tp, BYTE_OFFSET));
    probe_missed[i] = BPF_CORE_READ(probe, rp.kp.nmissed);
    return 0;
}

/* Run by user space itself (BPF_PROG_TEST_RUN). */
SEC("raw_tp")
int count_missed(void* ctx) {
#pragma clang loop unroll(disable)
    for (__u64 i = 0; i < NFV_PROBES; ++i)
        if (ask_missed(i))
            break;
    return 0;
}
