// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/configure.hpp"

#include "guest/init/base64.hpp"
#include "guest/init/configure_links.hpp"
#include "guest/init/network_namespace.hpp"
#include "guest/init/problem.hpp"
#include "guest/init/run_program.hpp"
#include "guest/init/sysctl_path.hpp"
#include "harness/base/unique_fd.hpp"

#include <fcntl.h>
#include <linux/random.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <ctime>

namespace nflab::agent {
namespace {

using channel::Configuration;
using Problems = std::vector<std::string>;

std::string write_file(const std::string& path, const std::string& text) {
    const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file)
        return problem("cannot open " + path);
    if (write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return problem("cannot write " + path);
    return {};
}

// A value is taken in one write or not at all, whatever the kernel says of how much it took: since
// 6.18 net.ipv6.conf.*.forwarding answers 1 (addrconf_fixup_forwarding in net/ipv6/addrconf.c).
std::string write_sysctl(const std::string& path, const std::string& value) {
    const UniqueFd file(open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
    if (!file)
        return problem("cannot open " + path);
    const std::string line = value + '\n';
    return write(file.get(), line.data(), line.size()) > 0 ? std::string()
                                                           : problem("cannot write " + path);
}

void set_clock(std::int64_t nanoseconds, Problems& problems) {
    constexpr std::int64_t second = 1'000'000'000;
    const timespec now{nanoseconds / second, nanoseconds % second};
    if (clock_settime(CLOCK_REALTIME, &now) != 0)
        problems.push_back(problem("cannot set the clock"));
}

void add_entropy(const std::string& text, Problems& problems) {
    const auto bytes = decode_base64(text);
    if (!bytes) {
        problems.emplace_back("configure: entropy is not base64");
        return;
    }
    // struct rand_pool_info ends in a flexible array: random(4), RNDADDENTROPY.
    std::vector<std::uint32_t> pool(2 + (bytes->size() + 3) / 4);
    pool[0] = static_cast<std::uint32_t>(bytes->size() * 8);
    pool[1] = static_cast<std::uint32_t>(bytes->size());
    bytes->copy(reinterpret_cast<char*>(&pool[2]), bytes->size());
    const UniqueFd device(open("/dev/urandom", O_WRONLY | O_CLOEXEC));
    if (!device || ioctl(device.get(), RNDADDENTROPY, pool.data()) != 0)
        problems.push_back(problem("cannot give the kernel entropy"));
    // A guest that was started from a kept one would go on with the numbers of all the others;
    // since 4.17, and without it the next numbers are new within seconds.
    else
        ioctl(device.get(), RNDRESEEDCRNG);
}

void load_modules(const std::vector<std::string>& modules, Problems& problems) {
    std::vector<std::string> argv = {"modprobe", "-a", "--"};
    argv.insert(argv.end(), modules.begin(), modules.end());
    if (std::string error = run_program(argv); !error.empty())
        problems.push_back(std::move(error));
}

void set_sysctl(const std::string& name, const std::string& value, Scope scope,
                Problems& problems) {
    const auto path = sysctl_path(name);
    if (!path) {
        problems.push_back("sysctl '" + name + "' is not a name below /proc/sys");
        return;
    }
    if (scope == Scope::netns_only && path->rfind("/proc/sys/net/", 0) != 0) {
        problems.push_back("sysctl " + name + ": a netns node shares its kernel with the host; " +
                           "only net.* can be set there");
        return;
    }
    if (const std::string error = write_sysctl(*path, value); !error.empty())
        problems.push_back("sysctl " + name + " = " + value + ": " + error);
}

void write_hosts(const Configuration& configuration, Problems& problems) {
    std::string text = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n";
    for (const auto& [address, name] : configuration.hosts)
        text.append(address).append(" ").append(name).append("\n");
    if (std::string error = write_file("/etc/hosts", text); !error.empty())
        problems.push_back(std::move(error));
}

void configure_network(const Configuration& configuration, Scope scope, Problems& problems) {
    configure_devices(configuration, problems);
    for (const auto& [name, value] : configuration.sysctls)
        set_sysctl(name, value, scope, problems);
    for (const Configuration& inner : configuration.namespaces) {
        const NamespaceVisit visit(inner.hostname);
        Problems inside;
        if (visit.problem().empty())
            configure_network(inner, scope, inside);
        else
            inside.push_back(visit.problem());
        for (const std::string& problem : inside)
            problems.push_back("namespace " + inner.hostname + ": " + problem);
    }
    configure_routes(configuration, problems);
}

} // namespace

std::vector<std::string> configure(const Configuration& configuration, Scope scope) {
    Problems problems;
    if (!configuration.hostname.empty() &&
        sethostname(configuration.hostname.data(), configuration.hostname.size()) != 0)
        problems.push_back(problem("cannot set the host name " + configuration.hostname));
    const bool wants_machine = configuration.clock_ns != 0 || !configuration.entropy.empty() ||
                               !configuration.modules.empty();
    if (wants_machine && scope == Scope::netns_only) {
        problems.emplace_back("a netns node shares its kernel with the host: clock, entropy and "
                              "modules cannot be set there");
    } else {
        if (configuration.clock_ns != 0)
            set_clock(configuration.clock_ns, problems);
        if (!configuration.entropy.empty())
            add_entropy(configuration.entropy, problems);
        if (!configuration.modules.empty())
            load_modules(configuration.modules, problems);
    }
    configure_network(configuration, scope, problems);
    if (!configuration.hosts.empty())
        write_hosts(configuration, problems);
    return problems;
}

} // namespace nflab::agent
