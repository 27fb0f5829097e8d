// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace nflab::nfverdict {

/// While this lives, the kernel does not turn kprobes into jumps (sysctl
/// debug.kprobes-optimization). It does so some 20 ms after a probe came, holds every lock that
/// probes and static keys need meanwhile, and takes 100 ms for it: attaching ten probes would wait
/// for that three times. Afterwards it does all of them at once. Nothing is changed where the
/// optimisation is off or not there.
class PausedKprobeOptimization {
  public:
    PausedKprobeOptimization();
    ~PausedKprobeOptimization();
    PausedKprobeOptimization(const PausedKprobeOptimization&) = delete;
    PausedKprobeOptimization& operator=(const PausedKprobeOptimization&) = delete;

  private:
    bool paused_ = false;
};

} // namespace nflab::nfverdict
