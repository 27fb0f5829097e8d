// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/daemon.hpp"

#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/lab/configuration.hpp"
#include "harness/lab/control_server.hpp"
#include "harness/lab/domain_xml.hpp"
#include "harness/lab/hypervisor.hpp"
#include "harness/lab/lab_node.hpp"
#include "harness/lab/leash.hpp"
#include "harness/lab/libvirt_cache.hpp"
#include "harness/lab/libvirt_users.hpp"
#include "harness/lab/memory.hpp"
#include "harness/lab/mounts.hpp"
#include "harness/lab/netns_node.hpp"
#include "harness/lab/network_script.hpp"
#include "harness/lab/registry.hpp"
#include "harness/lab/warm_shape.hpp"
#include "harness/lab/warm_state.hpp"
#include "harness/process/command.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <thread>

namespace nflab::lab {
namespace fs = std::filesystem;
namespace asio = boost::asio;

namespace {

using scenario::NodeKind;

// All in the lab's private tmpfs.
const fs::path state_directory = "/run/nflab";
const fs::path libvirt_root = state_directory / "libvirt";

plan::Plan read_plan(int fd) {
    std::ifstream in(fmt::format("/proc/self/fd/{}", fd));
    return nlohmann::json::parse(in).get<plan::Plan>();
}

class Daemon {
  public:
    Daemon(plan::Plan plan, int leash)
        : plan_(std::move(plan)), report_(leash), started_(std::time(nullptr)) {}

    void bring_up() {
        make_place();
        make_nodes();
        std::future<void> hypervisor = start_hypervisor();
        wire();
        connect_netns_nodes();
        start_vms(std::move(hypervisor));
        while (ready_ < nodes_.size() && failure_.empty())
            io_.run_one();
        if (!failure_.empty())
            throw Error(Failure::lab, failure_,
                        any_vm() ? "the README says what to do when a guest does not boot" : "");
        if (keeps_guest())
            keep_guest();
    }

    void serve() {
        control_.emplace(io_, control_socket,
                         ControlServer::Lab{[this](const std::string& name) { return find(name); },
                                            [this] { return info(); }, [] { ::_exit(0); }});
        for (const auto& node : nodes_)
            node->on_drained = [this, raw = node.get()] { control_->resume_senders(raw); };
        report_.ready();
        report_.close();
        if (any_vm())
            publish_libvirt_cache(libvirt_root / "cache", shared_cache_);
        io_.run();
    }

  private:
    bool any_vm() const {
        return std::any_of(plan_.nodes.begin(), plan_.nodes.end(),
                           [](const plan::Node& node) { return node.kind == NodeKind::vm; });
    }

    void make_place() {
        report_.event("", "namespaces");
        shared_cache_ = paths::cache() / "libvirt";
        fs::create_directories(shared_cache_);
        std::vector<fs::path> kept{shared_cache_, fs::path(plan_.boot.agent).parent_path()};
        for (const std::string& file : {plan_.boot.kernel, plan_.boot.initrd, plan_.boot.root_image,
                                        plan_.boot.modules_image, plan_.boot.root_tree})
            if (!file.empty())
                kept.emplace_back(file);
        for (const plan::Node& node : plan_.nodes)
            if (node.warm)
                kept.emplace_back(node.warm->directory);
        make_private_mounts(kept);
        for (const char* name : {"agents", "consoles", "nodes"})
            fs::create_directories(state_directory / name);
        fs::permissions(state_directory, fs::perms::owner_all);
        fs::create_directories("/run/libvirt"); // the embedded driver insists on it
        if (any_vm() && ::geteuid() == 0)
            provide_libvirt_users(state_directory);
        const int log = ::open((state_directory / "lab.log").c_str(),
                               O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        ::dup2(log, STDERR_FILENO);
        ::close(log);
    }

    fs::path file_of(std::size_t node, const char* directory, const char* suffix) const {
        return state_directory / directory / fmt::format("{}{}", node, suffix);
    }

    void make_nodes() {
        for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
            const plan::Node& node = plan_.nodes[i];
            channel::Configuration configuration = configuration_of(plan_, node);
            if (node.kind == NodeKind::vm)
                configuration.entropy = fresh_entropy();
            const fs::path console = fs::path(console_directory) / (node.name + ".log");
            if (node.warm && !node.warm->keep)
                fs::copy_file(fs::path(node.warm->directory) / warm_files::console, console);
            nodes_.push_back(std::make_unique<LabNode>(io_, node, plan_.deadlines,
                                                       std::move(configuration), console));
            nodes_.back()->set_handlers({[this, name = node.name](const std::string& phase) {
                                             ready_ += phase == "ready";
                                             report_.event(name, phase);
                                         },
                                         [this](const std::string& message) {
                                             if (failure_.empty())
                                                 failure_ = message;
                                         }});
            if (node.kind == NodeKind::netns) {
                const fs::path scratch = file_of(i, "nodes", "");
                fs::create_directories(scratch);
                netns_.emplace(node.name, NetnsNode(node, plan_.boot, scratch, console));
            }
        }
    }

    // Beside the wiring, since both take a while.
    std::future<void> start_hypervisor() {
        if (!any_vm())
            return {};
        report_.event("", "libvirt");
        // Not std::async: its future would wait for a libvirt that hangs.
        std::packaged_task<void()> task([this] {
            restore_libvirt_cache(shared_cache_, libvirt_root / "cache");
            hypervisor_.emplace(libvirt_root, state_directory / "libvirt.log",
                                [this](const Hypervisor::Ended& ended) {
                                    asio::post(io_, [this, ended] {
                                        if (LabNode* node = find(ended.domain))
                                            node->machine_ended(ended.crashed);
                                    });
                                });
        });
        std::future<void> done = task.get_future();
        std::thread(std::move(task)).detach();
        return done;
    }

    void wire() {
        report_.event("", "networks");
        // The lab's own stack must not answer on the segments, nor ask for anything there.
        for (const char* name : {"/proc/sys/net/ipv6/conf/all/disable_ipv6",
                                 "/proc/sys/net/ipv6/conf/default/disable_ipv6"})
            write_file(name, "1");
        // Present where br_netfilter is loaded: bridged packets would pass the lab's own hooks.
        for (const char* name : {"iptables", "ip6tables", "arptables"})
            write_file(fmt::format("/proc/sys/net/bridge/bridge-nf-call-{}", name).c_str(), "0");
        std::map<std::string, pid_t> pids;
        for (const auto& [name, node] : netns_)
            pids[name] = node.pid();
        Command ip;
        ip.argv = {"ip", "-batch", "-"};
        ip.input = network_script(plan_, pids);
        ip.timeout = std::chrono::seconds(20);
        output_of(ip);
        Command bridge;
        bridge.argv = {"bridge", "-batch", "-"};
        bridge.input = vlan_script(plan_);
        bridge.timeout = std::chrono::seconds(20);
        if (!bridge.input.empty())
            output_of(bridge);
    }

    void connect_netns_nodes() {
        for (auto& [name, node] : netns_) {
            LabNode* lab_node = find(name);
            lab_node->begin();
            lab_node->connected(
                FrameSocket::Socket(io_, asio::local::stream_protocol(), node.go().release()));
        }
    }

    void start_vms(std::future<void> hypervisor) {
        if (!any_vm())
            return;
        if (hypervisor.wait_for(std::chrono::seconds(30)) != std::future_status::ready)
            throw Error(Failure::lab, "libvirt's QEMU driver did not start within 30 s");
        hypervisor.get();
        const std::string emulator = find_program("qemu-system-x86_64").string();
        if (emulator.empty())
            throw Error(Failure::lab, "the program qemu-system-x86_64 is not installed",
                        "`nflab doctor` lists what is missing and how to get it");
        for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
            if (plan_.nodes[i].kind != NodeKind::vm)
                continue;
            DomainFiles files{emulator, file_of(i, "agents", ".sock"), nodes_[i]->console(), {}};
            for (std::size_t nic = 0; nic < plan::all_nics(plan_.nodes[i]).size(); ++nic)
                files.ports.push_back(port_name(i, nic));
            nodes_[i]->begin();
            report_.event(plan_.nodes[i].name, "boot");
            std::thread([this, i, files] { start_vm(i, files); }).detach();
        }
    }

    // On a thread of its own: libvirt waits for QEMU's monitor.
    void start_vm(std::size_t i, const DomainFiles& files) {
        const plan::Node& node = plan_.nodes[i];
        try {
            const bool kept = node.warm && !node.warm->keep;
            hypervisor_->start(node.name, domain_xml(plan_, node, files), kept);
            if (kept)
                start_kept(i, files);
            else
                asio::post(io_, [this, i, files] { connect_vm(i, files.agent_socket); });
        } catch (const std::exception& error) {
            asio::post(io_, [this, message = std::string(error.what())] {
                if (failure_.empty())
                    failure_ = message;
            });
        }
    }

    // On the thread of start_vm().
    void start_kept(std::size_t i, const DomainFiles& files) {
        const plan::Node& node = plan_.nodes[i];
        const fs::path directory = node.warm->directory;
        std::ifstream in(directory / warm_files::guest);
        auto kept = std::make_shared<nlohmann::json>(nlohmann::json::parse(in));
        auto channel = std::make_shared<UniqueFd>(
            connect_agent_channel(*hypervisor_, node.name, files.agent_socket));
        load_devices(*hypervisor_, node.name, directory / warm_files::devices,
                     file_of(i, "agents", ".state"));
        hypervisor_->resume(node.name);
        asio::post(io_, [this, i, kept, channel] {
            nodes_[i]->connected_again(
                FrameSocket::Socket(io_, asio::local::stream_protocol(), channel->release()),
                *kept);
        });
    }

    // The lab's only node. What it has come to is on disk when this returns.
    void keep_guest() {
        LabNode& node = *nodes_.front();
        const fs::path directory = plan_.nodes.front().warm->directory;
        bool done = false;
        report_.event(node.node().name, "keep");
        node.keep([&](const nlohmann::json& kept) {
            // Nothing arrives from here on, so this thread may wait.
            save_devices(*hypervisor_, node.node().name, directory / warm_files::devices,
                         file_of(0, "agents", ".state"));
            std::ofstream(directory / warm_files::guest)
                << kept.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
            fs::copy_file(node.console(), directory / warm_files::console);
            done = true;
        });
        while (!done && failure_.empty())
            io_.run_one();
        if (!failure_.empty())
            throw Error(Failure::lab, failure_);
    }

    bool keeps_guest() const {
        return plan_.nodes.size() == 1 && plan_.nodes.front().warm &&
               plan_.nodes.front().warm->keep;
    }

    void connect_vm(std::size_t i, const std::string& path) {
        FrameSocket::Socket socket(io_);
        boost::system::error_code error;
        socket.connect(asio::local::stream_protocol::endpoint(path), error);
        if (!error)
            nodes_[i]->connected(std::move(socket));
        else if (nodes_[i]->state() != LabNode::State::lost) // QEMU is gone: the event comes, too
            nodes_[i]->machine_ended(false);
    }

    LabNode* find(const std::string& name) const {
        for (const auto& node : nodes_)
            if (node->node().name == name)
                return node.get();
        return nullptr;
    }

    nlohmann::json info() const {
        const std::map<std::string, std::uint64_t> memory = guest_memory(libvirt_root);
        nlohmann::json nodes = nlohmann::json::array();
        for (const auto& node : nodes_) {
            nlohmann::json status = node->status();
            status["console"] = node->console().string();
            if (const auto found = memory.find(node->node().name); found != memory.end())
                status["memory_kib"] = found->second;
            nodes.push_back(std::move(status));
        }
        return {{"protocol", channel::protocol_version},
                {"started", started_},
                {"plan", plan_},
                {"nodes", std::move(nodes)}};
    }

    plan::Plan plan_;
    LeashReport report_;
    std::time_t started_;
    fs::path shared_cache_;
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    std::vector<std::unique_ptr<LabNode>> nodes_; ///< in the plan's order
    std::map<std::string, NetnsNode> netns_;
    std::optional<Hypervisor> hypervisor_;
    std::optional<ControlServer> control_;
    std::size_t ready_ = 0;
    std::string failure_;
};

} // namespace

void run_daemon(const std::string& lab, int plan_fd, int leash_fd) {
    ::signal(SIGPIPE, SIG_IGN);
    LeashReport report(leash_fd);
    try {
        if (::chdir("/") != 0)
            throw Error(Failure::lab, "cannot leave the working directory");
        ::umask(022);
        plan::Plan plan = read_plan(plan_fd);
        ::close(plan_fd);
        plan.lab = lab;
        // Never destroyed: its end is that of the process, and the kernel cleans up.
        auto* daemon = new Daemon(std::move(plan), leash_fd);
        daemon->bring_up();
        daemon->serve();
    } catch (const Error& error) {
        report.error(error);
    } catch (const std::exception& error) {
        report.error(Error(Failure::lab, fmt::format("the lab failed: {}", error.what()),
                           "this is not an error that nflab foresaw: please report it"));
    }
    ::_exit(static_cast<int>(Failure::lab));
}

} // namespace nflab::lab
