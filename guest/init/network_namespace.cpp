// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/network_namespace.hpp"

#include "guest/init/problem.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace nflab::agent {
namespace {

constexpr const char* directory = "/run/netns";
constexpr const char* own = "/proc/thread-self/ns/net";

std::string path_of(const std::string& name) {
    return std::string(directory) + '/' + name;
}

bool is_namespace(const std::string& path) {
    struct statfs found {};
    return statfs(path.c_str(), &found) == 0 && found.f_type == NSFS_MAGIC;
}

} // namespace

std::string make_namespace(const std::string& name, bool& made) {
    const std::string path = path_of(name);
    made = false;
    if (is_namespace(path))
        return {};
    mkdir(directory, 0755);
    const UniqueFd file(open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0));
    const UniqueFd home(open(own, O_RDONLY | O_CLOEXEC));
    if (!file || !home)
        return problem("cannot make the network namespace " + name);
    if (unshare(CLONE_NEWNET) != 0)
        return problem("cannot make the network namespace " + name);
    const bool bound = mount(own, path.c_str(), "none", MS_BIND, nullptr) == 0;
    std::string error = bound ? "" : problem("cannot keep the network namespace " + name);
    if (setns(home.get(), CLONE_NEWNET) != 0)
        error = problem("cannot leave the network namespace " + name);
    made = error.empty();
    return error;
}

std::string open_namespace(const std::string& name, UniqueFd& out) {
    out.reset(open(path_of(name).c_str(), O_RDONLY | O_CLOEXEC));
    return out ? std::string() : problem("there is no network namespace '" + name + "'");
}

NamespaceVisit::NamespaceVisit(const std::string& name) : home_(open(own, O_RDONLY | O_CLOEXEC)) {
    UniqueFd there;
    problem_ = open_namespace(name, there);
    if (problem_.empty() && (!home_ || setns(there.get(), CLONE_NEWNET) != 0))
        problem_ = agent::problem("cannot enter the network namespace " + name);
}

NamespaceVisit::~NamespaceVisit() {
    if (home_)
        setns(home_.get(), CLONE_NEWNET);
}

} // namespace nflab::agent
