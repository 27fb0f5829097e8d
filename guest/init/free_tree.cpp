// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/free_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace nflab::agent {
namespace {

void free_directory(UniqueFd fd, dev_t device, const std::string& path,
                    const std::vector<std::string>& keep) {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(fdopendir(fd.release()), closedir);
    if (!directory)
        return;
    const int at = dirfd(directory.get());
    while (const dirent* entry = readdir(directory.get())) {
        const std::string name = entry->d_name;
        const std::string below = path + name;
        struct stat found {};
        if (name == "." || name == ".." || std::count(keep.begin(), keep.end(), below) != 0 ||
            fstatat(at, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0 || found.st_dev != device)
            continue;
        if (!S_ISDIR(found.st_mode))
            unlinkat(at, entry->d_name, 0);
        else if (UniqueFd next(openat(at, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)); next)
            free_directory(std::move(next), device, below + '/', keep);
    }
}

} // namespace

void free_tree(UniqueFd directory, const std::vector<std::string>& keep) {
    struct stat found {};
    if (directory && fstat(directory.get(), &found) == 0)
        free_directory(std::move(directory), found.st_dev, "", keep);
}

} // namespace nflab::agent
