// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/unique_fd.hpp"

#include <string>
#include <vector>

namespace nflab::agent {

/// Start-up of a guest whose PID 1 is the agent, in /init of an initramfs that holds:
///   /nflab/modules       modules to load before the root is mounted: one path per line, absolute
///                        or below /nflab, in load order, parameters after a space; # comments
///   /nflab/modules.late  the same, loaded after hello, before the first request; may be missing
///   /nflab/bin/          programs of ours: seen at /run/nflab/bin; may be missing
/// and on a machine whose /dev/vda is the root (erofs, stays as it is below a tmpfs overlay) and
/// whose /dev/vdb is an erofs with lib/modules/<release>.
class Boot {
  public:
    /// Loads the modules, mounts the root and moves into it. When there is no root, it says so on
    /// the console and ends the machine.
    void enter_root();

    /// What may wait until hello is sent: the other file systems, loopback, late modules, and the
    /// initramfs' memory.
    void finish();

    /// What went wrong and need not keep the machine from working.
    const std::vector<std::string>& problems() const { return problems_; }

  private:
    struct Module {
        std::string name;
        std::string parameters;
        UniqueFd file;
    };

    void open_console();
    std::vector<Module> open_modules(const char* list, bool required);
    void load(const std::vector<Module>& modules);
    void mount_disks();
    void mount_module_tree();
    void complain(std::string problem);

    std::vector<std::string> problems_;
    std::vector<Module> late_;
    UniqueFd initramfs_;
};

/// Says it on the console and restarts the machine, which ends QEMU as the lab runs it.
[[noreturn]] void end_machine(const std::string& message);

} // namespace nflab::agent
