// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <string>

/// Where nflab's own files are, in a build tree and after `cmake --install` alike.
namespace nflab::paths {

/// The running nflab program itself.
std::filesystem::path self();

/// How a person calls this program from here: "nflab" when that is what $PATH leads to, else a path
/// that is relative where that is shorter ("build/release/nflab").
std::string invocation();

/// A static guest program ("nflab-agent", "nfverdict", "nftraffic"): <exe>/guest/bin in a build
/// tree, <exe>/../lib/nflab when installed. Throws Error(lab) when it is in neither.
std::filesystem::path guest_program(const std::string& name);

/// A data file of the images/ folder ("kernels.yaml", …): <exe>/../share/nflab when installed, else
/// the source tree. Throws Error(lab) when it is in neither.
std::filesystem::path data_file(const std::string& name);

/// The directory of the kretprobe module's source: <exe>/../share/nflab/kmod when installed, else
/// guest/kmod of the source tree. Throws Error(lab) when it is in neither.
std::filesystem::path module_source();

/// $XDG_CACHE_HOME/nflab or ~/.cache/nflab; created. Throws Error(lab) when it cannot be.
std::filesystem::path cache();

} // namespace nflab::paths
