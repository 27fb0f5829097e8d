// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/matrix/resources.hpp"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

namespace nflab::matrix {
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t mib = std::uint64_t{1024} * 1024;

// A guest's QEMU beside the guest's own memory: translated code, devices, libvirt's share.
constexpr std::uint64_t emulator_mib = 120;
// The lab daemon, agents and programs of netns nodes.
constexpr std::uint64_t lab_mib = 60;

std::string first_line(const fs::path& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

std::optional<double> number(const std::string& word) {
    try {
        return std::stod(word);
    } catch (const std::exception&) { // "max"
        return std::nullopt;
    }
}

// The last level of what follows is the process's own group, the first the hierarchy's root.
std::vector<fs::path> groups(const fs::path& mounted, const std::string& path) {
    std::vector<fs::path> found{mounted};
    for (const fs::path& part : fs::path(path).relative_path())
        found.push_back(found.back() / part);
    return found;
}

void limit_processors(Resources& resources, std::optional<double> quota,
                      std::optional<double> period) {
    if (quota && period && *quota > 0 && *period > 0)
        resources.processors = std::min(resources.processors, *quota / *period);
}

void limit_memory(Resources& resources, std::optional<double> limit, std::optional<double> used) {
    if (!limit)
        return;
    const double left = std::max(0.0, *limit - used.value_or(0));
    resources.memory_mib =
        std::min(resources.memory_mib, static_cast<std::uint64_t>(left / static_cast<double>(mib)));
}

void limit_by_v2(Resources& resources, const fs::path& group) {
    std::istringstream words(first_line(group / "cpu.max"));
    std::string quota;
    std::string period;
    words >> quota >> period;
    limit_processors(resources, number(quota), number(period));
    limit_memory(resources, number(first_line(group / "memory.max")),
                 number(first_line(group / "memory.current")));
}

void limit_by_v1(Resources& resources, const fs::path& group, bool memory) {
    if (memory)
        limit_memory(resources, number(first_line(group / "memory.limit_in_bytes")),
                     number(first_line(group / "memory.usage_in_bytes")));
    else
        limit_processors(resources, number(first_line(group / "cpu.cfs_quota_us")),
                         number(first_line(group / "cpu.cfs_period_us")));
}

// Lines "0::/a/b" (v2) and "4:cpu,cpuacct:/a/b" (v1), cgroups(7).
void limit_by_groups(Resources& resources, const fs::path& root) {
    std::ifstream lines(root / "proc/self/cgroup");
    for (std::string line; std::getline(lines, line);) {
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos)
            continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        const std::string path = line.substr(second + 1);
        const fs::path mounted = root / "sys/fs/cgroup";
        if (controllers.empty())
            for (const fs::path& group : groups(mounted, path))
                limit_by_v2(resources, group);
        else if (controllers.find("memory") != std::string::npos)
            for (const fs::path& group : groups(mounted / "memory", path))
                limit_by_v1(resources, group, true);
        else if (controllers.find("cpuacct") != std::string::npos || controllers == "cpu")
            for (const fs::path& group : groups(mounted / "cpu", path))
                limit_by_v1(resources, group, false);
    }
}

} // namespace

Resources resources(const fs::path& root) {
    Resources found;
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        found.processors = CPU_COUNT(&allowed);
    found.memory_mib = UINT64_MAX / mib;
    std::ifstream lines(root / "proc/meminfo");
    for (std::string line; std::getline(lines, line);)
        if (line.rfind("MemAvailable:", 0) == 0)
            found.memory_mib = std::stoull(line.substr(13)) / 1024;
    limit_by_groups(found, root);
    return found;
}

std::uint64_t memory_need_mib(const scenario::Scenario& scenario) {
    std::uint64_t need = lab_mib;
    for (const scenario::Node& node : scenario.nodes)
        if (node.kind == scenario::NodeKind::vm)
            need += static_cast<std::uint64_t>(node.memory_mib) + emulator_mib;
    return need;
}

unsigned default_jobs(const Resources& resources,
                      const std::vector<scenario::Scenario>& scenarios) {
    std::uint64_t largest = lab_mib;
    for (const scenario::Scenario& scenario : scenarios)
        largest = std::max(largest, memory_need_mib(scenario));
    const std::uint64_t by_memory = resources.memory_mib / 4 * 3 / largest;
    const auto by_processors = static_cast<std::uint64_t>(resources.processors);
    return static_cast<unsigned>(
        std::clamp<std::uint64_t>(by_processors, 1, std::max<std::uint64_t>(by_memory, 1)));
}

} // namespace nflab::matrix
