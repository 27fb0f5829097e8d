// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/cli/cell_flags.hpp"

#include "harness/scenario/reader.hpp"

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
    command
        .add_option("--with", with,
                    "NAME=VALUE: only those variants of a scenario that have this value")
        ->check(CLI::Validator(
            [](const std::string& text) {
                const std::size_t equals = text.find('=');
                return equals == 0 || equals == std::string::npos ? "write NAME=VALUE"
                                                                  : std::string();
            },
            "NAME=VALUE"));
    command.add_flag("--locked", locked,
                     "fail when a package of the lock has left the mirror, instead of taking the "
                     "newest one");
    command
        .add_flag("--cold", cold,
                  "boot every guest, instead of starting it from one that was kept after its boot")
        ->envname("NFLAB_COLD");
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
    options.warm = !cold;
    options.deadlines.boot = milliseconds(boot_timeout);
    options.deadlines.silence = milliseconds(silence_timeout);
    if (!boot.empty())
        options.boot = boot == "fast" ? scenario::Boot::fast : scenario::Boot::faithful;
    return options;
}

std::vector<scenario::Scenario> CellFlags::variants(const std::string& file) const {
    const std::vector<scenario::Scenario> all = scenario::load_all(file);
    std::vector<std::pair<std::string, std::string>> values;
    for (const std::string& text : with) {
        const std::size_t equals = text.find('=');
        values.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return values.empty() ? all : scenario::choose(all, values);
}

} // namespace nflab::cli
