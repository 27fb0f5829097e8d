// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/lab/lab_fixture.hpp"

#include "harness/base/paths.hpp"
#include "harness/image/image.hpp"
#include "harness/kernel/kernel.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

namespace nflab::test {
namespace fs = std::filesystem;

namespace {

std::string slurp(const fs::path& path) {
    // Not through an istreambuf_iterator: it throws when the process ends while it is read.
    const std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

constexpr const char* kinds[] = {"net", "mnt", "pid", "uts", "ipc", "user"};

std::set<std::string> namespaces_of(const fs::path& process) {
    std::set<std::string> found;
    for (const char* kind : kinds) {
        std::error_code error;
        const fs::path link = fs::read_symlink(process / "ns" / kind, error);
        if (!error)
            found.insert(link.string());
    }
    return found;
}

std::map<std::string, UniqueFd> hold_namespaces(const fs::path& process) {
    std::map<std::string, UniqueFd> held;
    for (const char* kind : kinds) {
        UniqueFd fd(::open((process / "ns" / kind).c_str(), O_RDONLY | O_CLOEXEC));
        if (!fd)
            continue;
        const fs::path link = fs::read_symlink(fmt::format("/proc/self/fd/{}", fd.get()));
        held.emplace(link.string(), std::move(fd));
    }
    return held;
}

std::vector<pid_t> all_processes() {
    std::vector<pid_t> pids;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator("/proc", error)) {
        const std::string name = entry.path().filename().string();
        if (std::all_of(name.begin(), name.end(),
                        [](unsigned char c) { return std::isdigit(c) != 0; }))
            pids.push_back(std::stoi(name));
    }
    return pids;
}

fs::path process(pid_t pid) {
    return fs::path("/proc") / std::to_string(pid);
}

// Built once: fetching and looking into the cache take longer than many a lab.
const plan::BootFiles& boot_files() {
    static const plan::BootFiles files = [] {
        const kernel::Kernel kernel = kernel::find("", {}, {});
        return image::prepare(kernel, scenario::Boot::fast, {});
    }();
    return files;
}

plan::Nic nic(const std::string& lab, const std::string& node, const std::string& name,
              const std::string& network, const std::string& address) {
    return {name, network, plan::derive_mac(lab, node, name), {address}, 1500};
}

plan::Node end_point(const std::string& lab, const std::string& name, const std::string& network,
                     const std::string& address, const std::string& gateway) {
    plan::Node node;
    node.name = name;
    node.nics = {nic(lab, name, "eth0", network, address)};
    node.routes = {{"default", gateway}};
    return node;
}

plan::Node forwarder(const std::string& lab, const std::string& name, int host, bool vm) {
    plan::Node node;
    node.name = name;
    node.kind = vm ? scenario::NodeKind::vm : scenario::NodeKind::netns;
    node.nics = {nic(lab, name, "eno2", "lan", fmt::format("192.168.4.{}/24", host)),
                 nic(lab, name, "eno1", "wan", fmt::format("10.53.134.{}/24", host))};
    node.sysctls = {{"net.ipv4.ip_forward", "1"}};
    return node;
}

} // namespace

fs::path program() {
    return fs::path(NFLAB_BINARY_DIR) / "nflab";
}

std::string fresh_name(const std::string& what) {
    static int count = 0;
    return fmt::format("test-{}-{}-{}", what, ::getpid(), ++count);
}

plan::Plan make_plan(const std::string& name, const Shape& shape) {
    plan::Plan plan;
    plan.lab = name;
    plan.scenario = "a test";
    plan.boot = boot_files();
    plan.networks = {{"lan", "br-lan"}, {"wan", "br-wan"}};
    plan.nodes = {end_point(name, "client", "lan", "192.168.4.110/24", "192.168.4.1"),
                  forwarder(name, "router", 1, shape.router_is_vm),
                  end_point(name, "server", "wan", "10.53.134.11/24", "10.53.134.1")};
    if (shape.second)
        plan.nodes.push_back(forwarder(name, "gate", 2, true));
    return plan;
}

lab::RunResult shell(lab::Session& session, const std::string& node, const std::string& line) {
    channel::RunRequest request;
    request.argv = {"bash", "-c", line};
    request.timeout_ms = 20'000;
    return session.run(node, request);
}

bool reaches(lab::Session& session, const std::string& node, const std::string& address) {
    return shell(session, node, "ping -c 3 -i 0.2 -W 2 " + address).status.ok();
}

Footprint footprint(pid_t supervisor) {
    Footprint found;
    const std::set<std::string> ours = namespaces_of("/proc/self");
    const fs::path lab_net = fs::read_symlink(process(supervisor) / "ns/net");
    // Descendants by parenthood: nodes have namespaces of their own below the lab's.
    std::set<pid_t> family{supervisor};
    for (std::size_t size = 0; size != family.size();) {
        size = family.size();
        for (const pid_t pid : all_processes()) {
            const std::string stat = slurp(process(pid) / "stat");
            const std::size_t name_end = stat.rfind(')');
            if (name_end != std::string::npos && name_end + 4 < stat.size() &&
                family.count(std::stoi(stat.substr(name_end + 4))) != 0)
                family.insert(pid);
        }
    }
    for (const pid_t pid : family) {
        found.processes.insert(pid);
        for (auto& [name, fd] : hold_namespaces(process(pid)))
            if (ours.count(name) == 0)
                found.namespaces.emplace(name, std::move(fd));
    }
    return found;
}

std::vector<std::string> remains(const Footprint& before, const std::string& name) {
    std::vector<std::string> left;
    for (const pid_t pid : all_processes()) {
        const std::string command = slurp(process(pid) / "cmdline");
        bool in_lab = false;
        for (const std::string& each : namespaces_of(process(pid)))
            in_lab = in_lab || before.namespaces.count(each) != 0;
        if (in_lab ||
            command.find(fmt::format("lab-supervisor{}{}", '\0', name)) != std::string::npos)
            left.push_back(fmt::format("process {}: {}", pid, command));
    }
    if (slurp("/proc/net/unix").find(name) != std::string::npos)
        left.push_back("a socket with the lab's name");
    for (const char* file : {"/proc/self/mountinfo", "/proc/net/dev"})
        for (const char* trace : {"nflab/nodes", "n0i0", "br-lan"})
            if (slurp(file).find(trace) != std::string::npos)
                left.push_back(fmt::format("{} in {}", trace, file));
    for (const char* directory : {"/run/nflab", "/tmp/nflab"})
        if (fs::exists(directory))
            left.push_back(directory);
    return left;
}

std::vector<std::string> remains_soon(const Footprint& before, const std::string& name) {
    std::vector<std::string> left;
    eventually(
        [&] {
            while (::waitpid(-1, nullptr, WNOHANG) > 0) {
            }
            left = remains(before, name);
            return left.empty();
        },
        std::chrono::seconds(3));
    return left;
}

bool eventually(const std::function<bool()>& done, std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!done()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

std::vector<pid_t> lab_processes(const Footprint& lab, const std::string& text) {
    std::vector<pid_t> found;
    for (const pid_t pid : lab.processes)
        if (slurp(process(pid) / "cmdline").find(text) != std::string::npos)
            found.push_back(pid);
    return found;
}

} // namespace nflab::test
