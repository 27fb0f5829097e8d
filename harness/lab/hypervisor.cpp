// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/hypervisor.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
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

    void start(const std::string& domain, const std::string& xml) {
        const std::unique_ptr<virDomain, FreeDomain> handle(
            virDomainCreateXML(connection_.get(), xml.c_str(), VIR_DOMAIN_NONE));
        if (!handle)
            refuse(fmt::format("start the guest of node {}", domain));
    }

  private:
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

void Hypervisor::start(const std::string& domain, const std::string& xml) {
    impl_->start(domain, xml);
}

} // namespace nflab::lab
