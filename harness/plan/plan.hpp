// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/model.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// What a lab must build, worked out without touching the machine.
namespace nflab::plan {

/// What is booted: paths on the host, all read-only for the lab.
struct BootFiles {
    std::string kernel_name;    ///< as shown to people: "6.12" or a path
    std::string kernel_release; ///< uname -r
    std::string kernel;         ///< vmlinux (PVH) or bzImage for -kernel
    std::string initrd;         ///< initramfs with our PID 1
    std::string root_image;     ///< erofs, shared by all kernels: /dev/vda
    std::string modules_image;  ///< erofs with /lib/modules/<release>: /dev/vdb
    std::string root_tree;      ///< the root image as a directory: userland of netns nodes
    std::string command_line;
    std::string agent; ///< static agent program for netns nodes
    bool acpi = false;
    /// What differs from the distribution's own boot, for the report ("mitigations=off", …).
    std::vector<std::string> alterations;
};

enum class Accelerator { kvm, tcg };

/// Every wait of a lab has one of these; all can be set on the command line or by environment.
struct Deadlines {
    std::chrono::milliseconds boot{60'000};    ///< QEMU start to agent ready
    std::chrono::milliseconds silence{15'000}; ///< agent that does not answer a heartbeat
};

struct Nic {
    std::string name;
    std::string network;
    std::string mac;
    std::vector<std::string> addresses; ///< CIDR
    int mtu = 1500;
    int queues = 1;                     ///< pairs; vm only
    scenario::Vlans vlans{};            ///< of the network's port that it is plugged into
    std::vector<std::string> learned{}; ///< of the addresses, what comes by DHCP or SLAAC
};

/// A program that a node runs while it is set up, with its input: `ip -batch -`.
struct Program {
    std::vector<std::string> argv;
    std::string input;
};

/// A program that runs in a guest already when the guest is kept for a warm start. Who asks the
/// started guest for the same program is given this one.
struct KeptProgram {
    std::string request; ///< the guest channel's RunRequest, as JSON
    std::string ready;   ///< what its output holds as soon as it can be used
};

/// A guest that has booted, as it was before it was told who it is (docs/architecture.md).
struct Warm {
    std::string directory; ///< its memory, its devices' state, and guest.json
    bool keep = false;     ///< the guest is kept there; else it starts from there
    std::vector<KeptProgram> programs;
};

struct Route {
    std::string destination; ///< CIDR or "default"
    std::string via;
};

struct Node {
    std::string name;
    scenario::NodeKind kind = scenario::NodeKind::netns;
    std::vector<std::string> modules; ///< loaded first
    std::vector<Nic> nics;
    std::vector<Program> links;              ///< run before addresses are set
    std::vector<std::string> link_addresses; ///< CIDR, of what these make
    std::vector<std::string> awaited;        ///< links that must have a carrier in the end
    std::vector<Route> routes;
    std::vector<Program> routing;         ///< run after these routes
    std::vector<std::string> nameservers; ///< for /etc/resolv.conf
    std::vector<std::pair<std::string, std::string>> sysctls;
    scenario::Trace trace = scenario::Trace::none;
    std::vector<std::string> trace_arguments; ///< of nfverdict, for the method and call stacks
    int cpus = 1;
    int memory_mib = 160;
    std::optional<Warm> warm; ///< vm only
    /// Network namespaces inside of it, "router/blue": only their part of the network counts.
    std::vector<Node> namespaces;
};

/// The interfaces of the node itself and of the namespaces inside of it, in an order that all users
/// of a plan share.
std::vector<const Nic*> all_nics(const Node& node);

struct Network {
    std::string name;
    std::string bridge; ///< at most 15 bytes, unique in the lab
    scenario::NetworkKind kind = scenario::NetworkKind::bridge;
    std::vector<std::string> subnets{}; ///< CIDR
    bool vlan_aware = false;            ///< some port of it has VLANs
};

struct Plan {
    std::string lab;      ///< name; unique per user while the lab is up
    std::string scenario; ///< path as the user gave it
    Accelerator accelerator = Accelerator::tcg;
    std::string accelerator_reason; ///< why TCG, when KVM was wanted and is unusable
    /// TCG only: one instruction of the guest takes one nanosecond of its time, on any machine
    /// (QEMU's -icount shift=0), so that the guest's clocks count instructions.
    bool count_instructions = false;
    BootFiles boot;
    Deadlines deadlines;
    std::vector<Network> networks;
    std::vector<Node> nodes;

    /// A node or a namespace inside of one.
    const Node* find_node(const std::string& name) const;
    /// The same for a name that a person typed: throws Error(bad_input) that lists the nodes.
    const Node& require_node(const std::string& name) const;
};

/// Builds the plan of a checked scenario. Pure; throws Error(bad_input) only for what cannot be
/// known before the kernel is: a release that the scenario's `kernels` rules out. Deadlines keep
/// their defaults and accelerator_reason stays empty: both are the caller's to set.
Plan make_plan(const scenario::Scenario& scenario, const BootFiles& boot, std::string lab,
               Accelerator accelerator);

void to_json(nlohmann::json& out, const Plan& plan);
void from_json(const nlohmann::json& in, Plan& plan);

/// A locally administered unicast MAC that is the same for the same lab, node and interface.
std::string derive_mac(const std::string& lab, const std::string& node, const std::string& nic);

} // namespace nflab::plan
