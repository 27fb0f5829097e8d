// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/probes/kprobe_optimization.hpp"

#include <fstream>

namespace nflab::nfverdict {
namespace {

constexpr const char* setting = "/proc/sys/debug/kprobes-optimization";

bool set(int value) {
    std::ofstream file(setting);
    file << value << std::flush;
    return file.good();
}

} // namespace

PausedKprobeOptimization::PausedKprobeOptimization() {
    std::ifstream file(setting);
    int value = 0;
    paused_ = file >> value && value == 1 && set(0);
}

PausedKprobeOptimization::~PausedKprobeOptimization() {
    if (paused_)
        set(1);
}

} // namespace nflab::nfverdict
