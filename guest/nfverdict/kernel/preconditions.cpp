// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/preconditions.hpp"

#include "harness/base/error.hpp"

#include <linux/capability.h>

#include <cstdint>
#include <fstream>
#include <string>

namespace nflab::nfverdict {
namespace {

std::uint64_t effective_capabilities() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (std::uint64_t mask = 0; word == "CapEff:" && status >> std::hex >> mask)
            return mask;
    return 0;
}

} // namespace

void check_preconditions() {
    std::ifstream lockdown("/sys/kernel/security/lockdown");
    std::string modes;
    if (std::getline(lockdown, modes) && modes.find("[confidentiality]") != std::string::npos)
        throw Error(Failure::lab,
                    "kernel lockdown is in confidentiality mode, which forbids BPF "
                    "programs to read kernel memory",
                    "boot with lockdown=integrity or without secure boot");
    const auto has = [mask = effective_capabilities()](int capability) {
        return (mask >> capability & 1) != 0;
    };
    if (!has(CAP_SYS_ADMIN) || !has(CAP_NET_ADMIN))
        throw Error(Failure::lab,
                    "nfverdict needs CAP_SYS_ADMIN and CAP_NET_ADMIN to probe the "
                    "kernel and to make a namespace for its self-test",
                    "run it as root");
}

} // namespace nflab::nfverdict
