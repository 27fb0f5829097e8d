// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/hypervisor.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <thread>

namespace nflab::lab {
namespace fs = std::filesystem;

namespace {

struct CloseConnection {
    void operator()(virConnect* connection) const { virConnectClose(connection); }
};
struct FreeDomain {
    void operator()(virDomain* domain) const { virDomainFree(domain); }
};

[[noreturn]] void refuse(const std::string& what) {
    const virError* error = virGetLastError();
    throw Error(Failure::lab,
                fmt::format("libvirt cannot {}: {}", what,
                            error && error->message ? error->message : "no reason given"),
                "`nflab doctor` says what this machine lacks");
}

// What the driver must leave alone: the lab's namespaces do what these would do, and cgroups,
// security labels and ownership would touch the host or need root.
void write_configuration(const fs::path& root) {
    fs::create_directories(root / "etc");
    std::ofstream out(root / "etc/qemu.conf");
    out << "stdio_handler = \"file\"\n"
           "namespaces = []\n"
           "cgroup_controllers = []\n"
           "security_driver = \"none\"\n"
           "remember_owner = 0\n"
           "dynamic_ownership = 0\n";
    if (::geteuid() == 0)
        out << "user = \"+0\"\ngroup = \"+0\"\n";
}

} // namespace

class Hypervisor::Impl {
  public:
    Impl(const fs::path& root, const fs::path& log, std::function<void(const Ended&)> on_end)
        : on_end_(std::move(on_end)) {
        write_configuration(root);
        ::setenv("LIBVIRT_LOG_OUTPUTS", fmt::format("3:file:{}", log.string()).c_str(), 1);
        // Errors come back as exceptions; libvirt would also print them.
        virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});
        if (virInitialize() != 0 || virEventRegisterDefaultImpl() != 0)
            refuse("initialize");
        loop_ = std::thread([this] {
            while (!stop_)
                virEventRunDefaultImpl();
        });
        connection_.reset(
            virConnectOpen(fmt::format("qemu:///embed?root={}", root.string()).c_str()));
        if (!connection_) {
            const std::string message = virGetLastErrorMessage();
            stop();
            throw Error(Failure::lab,
                        fmt::format("libvirt's QEMU driver does not start: {}", message),
                        "install libvirt-daemon-driver-qemu and qemu-system-x86; `nflab doctor` "
                        "says more");
        }
        if (virConnectDomainEventRegisterAny(
                connection_.get(), nullptr, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                VIR_DOMAIN_EVENT_CALLBACK(&Impl::lifecycle), this, nullptr) < 0) {
            const std::string message = virGetLastErrorMessage();
            stop();
            throw Error(Failure::lab, fmt::format("libvirt gives no events: {}", message));
        }
    }

    ~Impl() { stop(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void start(const std::string& domain, const std::string& xml, bool paused) {
        const Domain handle(virDomainCreateXML(connection_.get(), xml.c_str(),
                                               paused ? VIR_DOMAIN_START_PAUSED : VIR_DOMAIN_NONE));
        if (!handle)
            refuse(fmt::format("start the guest of node {}", domain));
    }

    void suspend(const std::string& domain) {
        if (virDomainSuspend(find(domain).get()) != 0)
            refuse(fmt::format("pause the guest of node {}", domain));
    }

    void resume(const std::string& domain) {
        if (virDomainResume(find(domain).get()) != 0)
            refuse(fmt::format("resume the guest of node {}", domain));
    }

    nlohmann::json monitor(const std::string& domain, const nlohmann::json& command) {
        char* text = nullptr;
        if (virDomainQemuMonitorCommand(find(domain).get(), command.dump().c_str(), &text,
                                        VIR_DOMAIN_QEMU_MONITOR_COMMAND_DEFAULT) != 0)
            refuse(fmt::format("ask QEMU of node {}", domain));
        const std::unique_ptr<char, decltype(&std::free)> owner(text, std::free);
        const auto answer = nlohmann::json::parse(text, nullptr, false);
        if (!answer.is_object() || !answer.contains("return"))
            throw Error(Failure::lab, fmt::format("QEMU of node {} refuses {}: {}", domain,
                                                  command.dump(), text));
        return answer["return"];
    }

  private:
    using Domain = std::unique_ptr<virDomain, FreeDomain>;

    Domain find(const std::string& domain) {
        Domain handle(virDomainLookupByName(connection_.get(), domain.c_str()));
        if (!handle)
            refuse(fmt::format("find the guest of node {}", domain));
        return handle;
    }

    static int lifecycle(virConnectPtr, virDomainPtr domain, int event, int detail, void* self) {
        const bool crashed =
            event == VIR_DOMAIN_EVENT_CRASHED ||
            (event == VIR_DOMAIN_EVENT_STOPPED && detail == VIR_DOMAIN_EVENT_STOPPED_CRASHED);
        if (crashed || event == VIR_DOMAIN_EVENT_STOPPED)
            static_cast<Impl*>(self)->on_end_({virDomainGetName(domain), crashed});
        return 0;
    }

    void stop() {
        connection_.reset();
        stop_ = true;
        // A timer that is due at once makes the loop look at stop_.
        const int timer = virEventAddTimeout(
            0, [](int, void*) {}, nullptr, nullptr);
        loop_.join();
        virEventRemoveTimeout(timer);
    }

    std::function<void(const Ended&)> on_end_;
    std::unique_ptr<virConnect, CloseConnection> connection_;
    std::atomic<bool> stop_{false};
    std::thread loop_;
};

Hypervisor::Hypervisor(const fs::path& root, const fs::path& log,
                       std::function<void(const Ended&)> on_end)
    : impl_(std::make_unique<Impl>(root, log, std::move(on_end))) {}

Hypervisor::~Hypervisor() = default;

void Hypervisor::start(const std::string& domain, const std::string& xml, bool paused) {
    impl_->start(domain, xml, paused);
}

void Hypervisor::suspend(const std::string& domain) {
    impl_->suspend(domain);
}

void Hypervisor::resume(const std::string& domain) {
    impl_->resume(domain);
}

nlohmann::json Hypervisor::monitor(const std::string& domain, const nlohmann::json& command) {
    return impl_->monitor(domain, command);
}

} // namespace nflab::lab
