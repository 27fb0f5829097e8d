// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/file_watch.hpp"

#include "harness/base/error.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace nflab {
namespace fs = std::filesystem;

namespace {

// Editors write a file in several goes, and several files at once.
constexpr int settle_ms = 100;

fs::path folder_of(const fs::path& file) {
    return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

} // namespace

FileWatch::FileWatch() : inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (!inotify_)
        throw Error(Failure::lab, std::string("cannot watch files: ") + std::strerror(errno));
}

void FileWatch::add(const std::vector<fs::path>& files) {
    for (const fs::path& file : files) {
        const fs::path folder = folder_of(file);
        const int watch =
            ::inotify_add_watch(inotify_.get(), folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO);
        if (watch < 0)
            throw Error(Failure::lab,
                        "cannot watch the folder " + folder.string() + ": " + std::strerror(errno));
        folders_[watch] = folder;
        files_.insert((folder / file.filename()).lexically_normal());
    }
}

void FileWatch::take_events(const std::string& suffix, std::set<fs::path>& changed) {
    alignas(inotify_event) std::array<char, 16384> buffer{};
    const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
    for (ssize_t at = 0; at < size;) {
        const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
        at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
        const auto folder = folders_.find(event->wd);
        if (folder == folders_.end() || event->len == 0)
            continue;
        const std::string name = event->name;
        const fs::path file = (folder->second / name).lexically_normal();
        const bool part = !suffix.empty() && name.size() >= suffix.size() &&
                          name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
        if (part || files_.count(file) != 0)
            changed.insert(file);
    }
}

std::vector<fs::path> FileWatch::wait(const std::string& suffix) {
    std::set<fs::path> changed;
    while (true) {
        pollfd watched{inotify_.get(), POLLIN, 0};
        const int ready = ::poll(&watched, 1, changed.empty() ? -1 : settle_ms);
        if (ready < 0)
            return {};
        if (ready == 0)
            return {changed.begin(), changed.end()};
        take_events(suffix, changed);
    }
}

} // namespace nflab
