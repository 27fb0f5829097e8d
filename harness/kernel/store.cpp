// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/store.hpp"

#include "harness/base/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace nflab::kernel {
namespace fs = std::filesystem;

FileLock::FileLock(const fs::path& file, std::chrono::milliseconds patience) {
    fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd_ < 0)
        throw Error(Failure::lab,
                    fmt::format("cannot open {}: {}", file.string(), std::strerror(errno)));
    const auto deadline = std::chrono::steady_clock::now() + patience;
    // Not a blocking flock: that one has no time-out.
    while (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            const int error = errno;
            ::close(fd_);
            throw Error(Failure::lab,
                        fmt::format("cannot lock {}: {}", file.string(), std::strerror(error)));
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            ::close(fd_);
            throw Error(Failure::lab,
                        fmt::format("another process has held {} for {} s", file.string(),
                                    patience.count() / 1000),
                        "see who with `fuser -v " + file.string() + "`");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

FileLock::~FileLock() {
    ::close(fd_);
}

fs::path once(const fs::path& target, const std::function<void(const fs::path&)>& make,
              std::chrono::milliseconds patience) {
    if (fs::exists(fs::symlink_status(target)))
        return target;
    try {
        fs::create_directories(target.parent_path());
        const std::string name = target.filename().string();
        const FileLock lock(target.parent_path() / ("." + name + ".lock"), patience);
        if (fs::exists(fs::symlink_status(target)))
            return target;
        const fs::path temporary = target.parent_path() / ("." + name + ".part");
        fs::remove_all(temporary);
        try {
            make(temporary);
        } catch (...) {
            std::error_code ignored;
            fs::remove_all(temporary, ignored);
            throw;
        }
        fs::rename(temporary, target);
        return target;
    } catch (const fs::filesystem_error& error) {
        throw Error(Failure::lab, fmt::format("cannot write to the cache: {}", error.what()),
                    "is the disk full? the cache may be removed at any time");
    }
}

} // namespace nflab::kernel
