// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/matrix/resources.hpp"
#include "tests/catch.hpp"
#include "tests/unit/matrix/temporary_tree.hpp"

using namespace nflab::matrix;

namespace {

nflab::scenario::Scenario with_guests(int guests, int memory_mib) {
    nflab::scenario::Scenario scenario;
    for (int i = 0; i < guests; ++i) {
        nflab::scenario::Node node;
        node.kind = nflab::scenario::NodeKind::vm;
        node.memory_mib = memory_mib;
        scenario.nodes.push_back(node);
    }
    return scenario;
}

} // namespace

TEST_CASE("memory that is available counts, not what is free") {
    const TemporaryTree root;
    root.write("proc/meminfo", "MemTotal:  8192 kB\nMemFree:  1024 kB\nMemAvailable:  4096 kB\n");
    CHECK(resources(root.path()).memory_mib == 4);
    CHECK(resources(root.path()).processors >= 1);
}

TEST_CASE("a control group's limits hold, and those of the groups above it") {
    const TemporaryTree root;
    root.write("proc/meminfo", "MemAvailable:  4194304 kB\n");
    root.write("proc/self/cgroup", "0::/outer/inner\n");
    root.write("sys/fs/cgroup/outer/cpu.max", "50000 100000\n");
    root.write("sys/fs/cgroup/outer/inner/cpu.max", "max 100000\n");
    root.write("sys/fs/cgroup/outer/memory.max", "max\n");
    root.write("sys/fs/cgroup/outer/inner/memory.max", "1073741824\n");
    root.write("sys/fs/cgroup/outer/inner/memory.current", "268435456\n");
    CHECK(resources(root.path()).processors == 0.5);
    CHECK(resources(root.path()).memory_mib == 768);
}

TEST_CASE("control groups of the first version are read, too") {
    const TemporaryTree root;
    root.write("proc/meminfo", "MemAvailable:  4194304 kB\n");
    root.write("proc/self/cgroup", "4:cpu,cpuacct:/job\n5:memory:/job\n1:name=systemd:/job\n");
    root.write("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "25000\n");
    root.write("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
    root.write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "536870912\n");
    root.write("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "0\n");
    CHECK(resources(root.path()).processors == 0.25);
    CHECK(resources(root.path()).memory_mib == 512);
}

TEST_CASE("as many cells run at once as processors and memory are there for") {
    const auto one = with_guests(1, 160);
    const auto four = with_guests(4, 160);
    CHECK(default_jobs({8, 100'000}, {one, four}) == 8);
    CHECK(default_jobs({8, 4 * memory_need_mib(four)}, {one, four}) == 3);
    CHECK(default_jobs({8, 4 * memory_need_mib(four)}, {one}) > 3);
    CHECK(default_jobs({0.5, 100'000}, {one}) == 1);
    CHECK(default_jobs({8, 10}, {one}) == 1);
    CHECK(default_jobs({2.9, 100'000}, {}) == 2);
}
