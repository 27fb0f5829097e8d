// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/options.hpp"

#include <string>

namespace nflab::nfverdict {

/// trace() and check() by the kretprobe module. `reason`: why nothing better can be had, which is
/// told first; empty where the module was asked for. Return the exit code. Throw Error(lab) when
/// the module cannot be used or fails its test.
int kretprobe_trace(const Options& options, const std::string& reason = {});
int kretprobe_check(const Options& options, bool json, const std::string& reason = {});

/// Nobody has asked for another method, and the module is at hand.
bool may_use_kretprobe(const Options& options);

} // namespace nflab::nfverdict
