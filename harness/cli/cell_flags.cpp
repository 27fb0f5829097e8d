// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/cli/cell_flags.hpp"

#include <CLI/CLI.hpp>

namespace nflab::cli {
namespace {

std::chrono::milliseconds milliseconds(double seconds) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

} // namespace

void CellFlags::add_to(CLI::App& command) {
    command.add_option("--modules", modules,
                       "directory of the modules of a bzImage given as kernel");
    command
        .add_option("--accel", accelerator,
                    "auto, kvm, tcg, or icount: TCG whose guests' clocks count instructions")
        ->envname("NFLAB_ACCEL")
        ->check(CLI::IsMember({"auto", "kvm", "tcg", "icount"}))
        ->capture_default_str();
    command.add_option("--boot", boot, "fast or faithful, instead of what the scenario says")
        ->check(CLI::IsMember({"fast", "faithful"}));
    command.add_option("--name", lab, "name of the lab");
    command.add_flag("--locked", locked,
                     "fail when a package of the lock has left the mirror, instead of taking the "
                     "newest one");
    command
        .add_option("--boot-timeout", boot_timeout, "seconds from QEMU's start to a ready guest")
        ->envname("NFLAB_BOOT_TIMEOUT")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command
        .add_option("--silence-timeout", silence_timeout,
                    "seconds after which a guest that does not answer is given up")
        ->envname("NFLAB_SILENCE_TIMEOUT")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
}

step::CellOptions CellFlags::options() const {
    step::CellOptions options;
    options.modules = modules;
    options.accelerator = accelerator;
    options.lab = lab;
    options.locked = locked;
    options.deadlines.boot = milliseconds(boot_timeout);
    options.deadlines.silence = milliseconds(silence_timeout);
    if (!boot.empty())
        options.boot = boot == "fast" ? scenario::Boot::fast : scenario::Boot::faithful;
    return options;
}

} // namespace nflab::cli
