// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/probes/kprobe_event.hpp"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <string>

namespace nflab::nfverdict {
namespace {

const std::string pmu = "/sys/bus/event_source/devices/kprobe/";

std::optional<std::uint32_t> event_type() {
    std::ifstream file(pmu + "type");
    std::uint32_t type = 0;
    return file >> type ? std::optional(type) : std::nullopt;
}

// "config:0"
std::optional<std::uint64_t> return_flag() {
    std::ifstream file(pmu + "format/retprobe");
    std::string text;
    unsigned bit = 0;
    return std::getline(file, text, ':') && file >> bit ? std::optional(1ULL << bit) : std::nullopt;
}

} // namespace

UniqueFd open_kprobe(std::uint64_t address, bool on_return) {
    static const auto type = event_type();
    static const auto flag = return_flag();
    if (!type || (on_return && !flag)) {
        errno = EOPNOTSUPP;
        return {};
    }
    perf_event_attr attributes{};
    attributes.size = sizeof(attributes);
    attributes.type = *type;
    attributes.config = on_return ? *flag : 0;
    attributes.kprobe_func = 0; // then the address counts
    attributes.kprobe_addr = address;
    // The BPF program runs on every processor, whichever is named here.
    constexpr int any_process = -1;
    constexpr int processor = 0;
    constexpr int no_group = -1;
    return UniqueFd(static_cast<int>(::syscall(SYS_perf_event_open, &attributes, any_process,
                                               processor, no_group, PERF_FLAG_FD_CLOEXEC)));
}

} // namespace nflab::nfverdict
