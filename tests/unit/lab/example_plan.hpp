// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/plan/plan.hpp"

/// client (netns) -- lan -- router (vm) -- wan -- server (netns)
inline nflab::plan::Plan example_plan() {
    using namespace nflab;
    plan::Plan plan;
    plan.lab = "example";
    plan.boot.kernel = "/cache/vmlinux";
    plan.boot.initrd = "/cache/initramfs.cpio";
    plan.boot.root_image = "/cache/root.erofs";
    plan.boot.modules_image = "/cache/modules.erofs";
    plan.boot.command_line = "panic=-1 console=ttyS0";
    plan.networks = {{"lan", "br-lan"}, {"wan", "br-wan"}};
    plan::Node client;
    client.name = "client";
    client.nics = {{"eth0", "lan", "52:54:00:00:01:01", {"192.168.4.110/24"}, 1500}};
    client.routes = {{"default", "192.168.4.1"}};
    plan::Node router;
    router.name = "router";
    router.kind = scenario::NodeKind::vm;
    router.nics = {{"eno2", "lan", "52:54:00:00:02:01", {"192.168.4.1/24"}, 1500},
                   {"eno1", "wan", "52:54:00:00:02:02", {"10.53.134.1/24"}, 9000}};
    router.sysctls = {{"net.ipv4.ip_forward", "1"}};
    router.memory_mib = 192;
    plan::Node server;
    server.name = "server";
    server.nics = {{"eth0", "wan", "52:54:00:00:03:01", {"10.53.134.11/24"}, 1400}};
    plan.nodes = {client, router, server};
    return plan;
}
