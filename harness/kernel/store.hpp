// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>

namespace nflab::kernel {

/// Makes `target` (a file or a directory of the cache) unless it is there already, and returns it.
/// `make` is given a path beside it that does not exist and must create it; only then is it renamed
/// into place, so that an interrupted run leaves nothing half-made under the final name. Two
/// processes that want the same target wait for each other, at most `patience`; what a dead process
/// left behind is removed by the next. Throws Error(lab) when the wait or the file system fails,
/// and whatever `make` throws.
std::filesystem::path once(const std::filesystem::path& target,
                           const std::function<void(const std::filesystem::path&)>& make,
                           std::chrono::milliseconds patience = std::chrono::minutes(15));

/// An exclusive lock on a file of the cache, held until destroyed, also against other processes.
class FileLock {
  public:
    /// Creates the file when needed. Throws Error(lab) after `patience`.
    FileLock(const std::filesystem::path& file, std::chrono::milliseconds patience);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

  private:
    int fd_ = -1;
};

} // namespace nflab::kernel
