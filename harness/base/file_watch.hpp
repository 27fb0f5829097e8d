// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/unique_fd.hpp"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace nflab {

/// Waits until one of some files is written or put in place (inotify(7)). Their folders are
/// watched, since editors put a new file where the old one was.
class FileWatch {
  public:
    /// Throws Error(lab) when the kernel refuses, as add() does.
    FileWatch();
    /// Watches these, too, from now on.
    void add(const std::vector<std::filesystem::path>& files);

    /// Waits, without a limit, until one of the files, or any file beside one that ends in
    /// `suffix`, has changed, and a moment longer for the others that are saved with it. Returns
    /// what changed. Empty when a signal handler ran.
    std::vector<std::filesystem::path> wait(const std::string& suffix);

  private:
    void take_events(const std::string& suffix, std::set<std::filesystem::path>& changed);

    UniqueFd inotify_;
    std::map<int, std::filesystem::path> folders_;
    std::set<std::filesystem::path> files_;
};

} // namespace nflab
