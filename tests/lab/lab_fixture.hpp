// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/unique_fd.hpp"
#include "harness/lab/lab.hpp"
#include "harness/lab/session.hpp"
#include "harness/plan/plan.hpp"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

/// Real labs for tests, and what the host shows of them.
namespace nflab::test {

/// The nflab program of this build: what a lab's first process runs.
std::filesystem::path program();

/// A name that no other test run uses.
std::string fresh_name(const std::string& what);

/// client (netns, 192.168.4.110) -- lan -- router (vm or netns) -- wan -- server (netns, …134.11);
/// with `second`, another vm "gate" (192.168.4.2, 10.53.134.2) between the same networks.
/// Kernel and guest root come from the cache, or are fetched.
struct Shape {
    bool router_is_vm = true;
    bool second = false;
};
plan::Plan make_plan(const std::string& name, const Shape& shape = {});

/// Runs a shell line in a node and returns its result.
lab::RunResult shell(lab::Session& session, const std::string& node, const std::string& line);

/// True when a ping from one node reaches the address.
bool reaches(lab::Session& session, const std::string& node, const std::string& address);

/// Everything of a lab that the host's /proc shows. Holds the namespaces, for else the kernel gives
/// their numbers to the next ones, which may be those of a lab that another test starts.
struct Footprint {
    std::set<pid_t> processes;
    std::map<std::string, UniqueFd> namespaces; ///< by "net:[4026532180]", …; none is ours
};
Footprint footprint(pid_t supervisor);

/// What is left of it: lines for people, empty when all is gone. Also looks for mounts, links,
/// files and sockets by name.
std::vector<std::string> remains(const Footprint& before, const std::string& name);

/// Waits up to three seconds for remains() to be empty and returns the last answer; reaps children.
std::vector<std::string> remains_soon(const Footprint& before, const std::string& name);

/// Polls until done() or the limit; returns done().
bool eventually(const std::function<bool()>& done, std::chrono::milliseconds limit);

/// Host process ids of the lab's processes whose command line contains the text.
std::vector<pid_t> lab_processes(const Footprint& lab, const std::string& text);

} // namespace nflab::test
