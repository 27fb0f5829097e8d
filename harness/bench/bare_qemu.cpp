// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/bench/bare_qemu.hpp"

#include "harness/base/error.hpp"
#include "harness/process/command.hpp"

#include <fmt/format.h>

#include <vector>

namespace nflab::bench {

double boot_bare_qemu(const std::filesystem::path& bzimage, const std::filesystem::path& initramfs,
                      plan::Accelerator accelerator, std::chrono::seconds limit) {
    Command command;
    command.argv = {"qemu-system-x86_64",
                    "-machine",
                    "pc",
                    "-accel",
                    accelerator == plan::Accelerator::kvm ? "kvm" : "tcg",
                    "-m",
                    "160",
                    "-nodefaults",
                    "-display",
                    "none",
                    "-serial",
                    "stdio",
                    "-no-reboot",
                    "-kernel",
                    bzimage.string(),
                    "-initrd",
                    initramfs.string(),
                    "-append",
                    "console=ttyS0 quiet panic=-1"};
    command.timeout = limit;
    const auto reached = [](const std::string& console) {
        return console.find("nflab-bench: user space") != std::string::npos;
    };
    double seconds = 0;
    const auto begin = std::chrono::steady_clock::now();
    command.stop_when = [&](const std::string& console) {
        if (!reached(console))
            return false;
        seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        return true;
    };
    const CommandResult result = run(command);
    if (!reached(result.out))
        throw Error(Failure::lab,
                    fmt::format("the bare guest did not reach user space within {} s; its console "
                                "ended with\n{}{}",
                                limit.count(),
                                result.out.substr(result.out.size() -
                                                  std::min<std::size_t>(result.out.size(), 1000)),
                                result.err));
    return seconds;
}

} // namespace nflab::bench
