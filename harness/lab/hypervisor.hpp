// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace nflab::lab {

/// libvirt's QEMU driver inside this process (`qemu:///embed?root=…`): no daemon, nothing outside
/// this process's namespaces. Its event loop runs on a thread of its own.
class Hypervisor {
  public:
    /// How a domain ended, called on the event thread.
    struct Ended {
        std::string domain;
        bool crashed = false; ///< libvirt says so; else it shut down, rebooted or was killed
    };

    /// `root` holds the driver's state and must be private to the lab; libvirt logs to `log`.
    /// Throws Error(lab) with libvirt's message.
    Hypervisor(const std::filesystem::path& root, const std::filesystem::path& log,
               std::function<void(const Ended&)> on_end);
    Hypervisor(const Hypervisor&) = delete;
    Hypervisor& operator=(const Hypervisor&) = delete;
    ~Hypervisor();

    /// Starts a transient domain and returns when QEMU runs; `paused`: before its processors do.
    /// This and what follows may be called from several threads, and throw Error(lab) with
    /// libvirt's message.
    void start(const std::string& domain, const std::string& xml, bool paused = false);
    void suspend(const std::string& domain);
    void resume(const std::string& domain);
    /// A command to QEMU's monitor (https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html), as
    /// JSON text, and what "return" holds in the answer. Throws Error(lab) for "error", too.
    nlohmann::json monitor(const std::string& domain, const nlohmann::json& command);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace nflab::lab
