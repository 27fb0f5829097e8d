// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/netns.hpp"

#include "harness/base/error.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <filesystem>
#include <set>

namespace nflab::nfverdict {
namespace {

namespace fs = std::filesystem;

constexpr const char* own = "/proc/thread-self/ns/net";

UniqueFd open_namespace(const fs::path& path) {
    return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

bool is_inode(const fs::path& path, std::uint32_t inode) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && status.st_ino == inode;
}

[[noreturn]] void fail(const std::string& what) {
    throw Error(Failure::lab, what + ": " + std::strerror(errno));
}

void loopback_up() {
    const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    if (!socket || ::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0)
        fail("cannot bring up the loopback device of a new network namespace");
}

} // namespace

Netns::Netns(UniqueFd fd) : fd_(std::move(fd)) {
    struct stat status {};
    if (fd_ && ::fstat(fd_.get(), &status) == 0)
        inode_ = static_cast<std::uint32_t>(status.st_ino);
}

Netns Netns::current() {
    Netns netns(open_namespace(own));
    if (!netns.valid())
        fail("cannot open this process's network namespace");
    return netns;
}

Netns Netns::create() {
    const Netns before = current();
    if (::unshare(CLONE_NEWNET) != 0)
        fail("cannot make a network namespace for the self-test");
    Netns fresh(open_namespace(own));
    if (::setns(before.fd(), CLONE_NEWNET) != 0)
        fail("cannot go back to the observed network namespace");
    const InNetns inside(fresh);
    loopback_up();
    return fresh;
}

Netns Netns::find(std::uint32_t inode) {
    std::error_code error;
    if (is_inode(own, inode))
        return current();
    for (const char* directory : {"/run/netns", "/run/docker/netns"})
        for (const auto& entry : fs::directory_iterator(directory, error))
            if (is_inode(entry.path(), inode))
                return Netns(open_namespace(entry.path()));
    for (const auto& entry : fs::directory_iterator("/proc", error))
        if (const fs::path path = entry.path() / "ns/net"; is_inode(path, inode))
            return Netns(open_namespace(path));
    return Netns(UniqueFd());
}

Netns Netns::named(const std::string& name) {
    // Inodes of namespaces count from here: PROC_DYNAMIC_FIRST of fs/proc/generic.c.
    constexpr std::uint32_t first_inode = 0xf0000000;
    std::uint32_t number = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool is_number = parsed.ec == std::errc{} && parsed.ptr == name.data() + name.size();
    if (!is_number && name.find('/') == std::string::npos) {
        if (Netns netns(open_namespace(fs::path("/run/netns") / name)); netns.valid())
            return netns;
    } else if (number >= first_inode) {
        if (Netns netns = find(number); netns.valid())
            return netns;
    } else if (Netns netns(open_namespace(fs::path("/proc") / name / "ns/net")); netns.valid()) {
        return netns;
    }
    throw Error(Failure::bad_input, "there is no network namespace '" + name + "'",
                "give a name of `ip netns`, a process id, an inode, or \"all\"");
}

std::vector<Netns> Netns::all() {
    std::vector<Netns> out;
    std::set<std::uint32_t> seen;
    const auto add = [&](Netns netns) {
        if (netns.valid() && seen.insert(netns.inode()).second)
            out.push_back(std::move(netns));
    };
    add(current());
    std::error_code error;
    for (const char* directory : {"/run/netns", "/run/docker/netns"})
        for (const auto& entry : fs::directory_iterator(directory, error))
            add(Netns(open_namespace(entry.path())));
    for (const auto& entry : fs::directory_iterator("/proc", error))
        if (std::isdigit(static_cast<unsigned char>(entry.path().filename().native()[0])))
            add(Netns(open_namespace(entry.path() / "ns/net")));
    return out;
}

InNetns::InNetns(const Netns& netns) : before_(Netns::current()) {
    if (::setns(netns.fd(), CLONE_NEWNET) != 0)
        fail("cannot enter a network namespace");
}

InNetns::~InNetns() {
    // In the wrong namespace everything that follows would be about the wrong rulesets.
    if (::setns(before_.fd(), CLONE_NEWNET) != 0)
        std::terminate();
}

} // namespace nflab::nfverdict
