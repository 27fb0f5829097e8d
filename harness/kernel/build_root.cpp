// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/build_root.hpp"

#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/kernel/apt.hpp"
#include "harness/kernel/archive_file.hpp"
#include "harness/kernel/store.hpp"
#include "harness/process/command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace nflab::kernel {
namespace fs = std::filesystem;

namespace {

bool is_below(const std::string& path, const std::string& folder) {
    return path.rfind(folder + "/", 0) == 0;
}

std::optional<fs::path> place_in_toolchain(const std::string& path) {
    // Older suites still ship /bin, /sbin and /lib*; in this system these are links to /usr.
    constexpr std::array merged = {"bin", "sbin", "lib", "lib64"};
    constexpr std::array useless = {"usr/share/doc", "usr/share/man",     "usr/share/info",
                                    "usr/share/gdb", "usr/share/locale",  "usr/share/lintian",
                                    "etc",           "usr/share/debconf", "var"};
    // Newer ones ship the links themselves.
    if (std::find(merged.begin(), merged.end(), path) != merged.end())
        return {};
    const bool moved = std::any_of(merged.begin(), merged.end(),
                                   [&](const char* folder) { return is_below(path, folder); });
    const std::string place = moved ? "usr/" + path : path;
    if (std::any_of(useless.begin(), useless.end(),
                    [&](const char* folder) { return place == folder || is_below(place, folder); }))
        return {};
    return place;
}

void unpack_all(const std::vector<Package>& packages, const fs::path& destination,
                const PathMap& map, const Progress& progress) {
    // The name only tells apt where to keep its configuration: nothing is looked up.
    const Apt apt("headers", {});
    const std::vector<fs::path> files = apt.fetch(packages, progress);
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (files[i].empty())
            throw Error(Failure::lab,
                        fmt::format("{} is gone from the mirror", describe({packages[i]})),
                        "renew the lock with `nflab kernels update`");
        unpack_package(files[i], destination, map);
    }
}

fs::path toolchain_tree(const Toolchain& toolchain, const Progress& progress) {
    const fs::path place = paths::cache() / "toolchains" / digest_of(toolchain.packages);
    return once(place, [&](const fs::path& tree) {
        for (const char* folder : {"bin", "sbin", "lib", "lib64"}) {
            fs::create_directories(tree / "usr" / folder);
            fs::create_symlink(std::string("usr/") + folder, tree / folder);
        }
        unpack_all(toolchain.packages, tree, place_in_toolchain, progress);
        tell(progress, "unpacked the toolchain " + toolchain.name);
        for (const char* folder : {"build", "dev", "proc", "tmp", "usr/src"})
            fs::create_directories(tree / folder);
        std::ofstream(tree / "dev/null").close();
        // What update-alternatives would set up.
        for (const auto& [name, target] : {std::pair{"sh", "bash"}, {"awk", "gawk"}}) {
            fs::remove(tree / "usr/bin" / name);
            fs::create_symlink(target, tree / "usr/bin" / name);
        }
    });
}

fs::path headers_tree(const Headers& headers, const Progress& progress) {
    const fs::path place = paths::cache() / "headers" / digest_of(headers.packages);
    return once(place, [&](const fs::path& tree) {
        unpack_all(headers.packages, tree, place_in_toolchain, progress);
    });
}

// Arguments: root, headers, build directory, release. A machine that masks parts of its own /proc
// may refuse a fresh one to a user namespace; then its own is shown.
constexpr const char* script = R"(set -e
mount -t tmpfs tmpfs "$1/tmp"
mount -t proc proc "$1/proc" 2>/dev/null || mount --rbind /proc "$1/proc"
mount --bind /dev/null "$1/dev/null"
mount --bind "$2/usr/src" "$1/usr/src"
for kbuild in "$2"/usr/lib/linux-kbuild-*; do
    mkdir -p "$1/usr/lib/${kbuild##*/}"
    mount --bind "$kbuild" "$1/usr/lib/${kbuild##*/}"
done
mount --bind "$3" "$1/build"
exec chroot "$1" /usr/bin/env -i PATH=/usr/bin LANG=C /usr/bin/sh -ec '
make -C "/usr/src/linux-headers-$1" M=/build modules
strip --strip-debug /build/*.ko
' sh "$4"
)";

} // namespace

void build_module(const Headers& headers, const std::string& release, const fs::path& directory,
                  const Progress& progress) {
    const fs::path root = toolchain_tree(headers.toolchain, progress);
    const fs::path sources = headers_tree(headers, progress);
    tell(progress, fmt::format("building the kretprobe module for {}", release));
    Command build;
    build.argv = {"unshare", "--mount", "--net", "--ipc", "--pid", "--fork", "--kill-child"};
    if (::geteuid() != 0)
        build.argv.insert(build.argv.end(), {"--user", "--map-root-user"});
    build.argv.insert(build.argv.end(), {"sh", "-c", script, "sh", root.string(), sources.string(),
                                         directory.string(), release});
    build.timeout = std::chrono::minutes(5);
    const CommandResult result = nflab::run(build);
    if (!result.ok())
        throw Error(Failure::lab, fmt::format("the kretprobe module cannot be built for {}{}:\n{}",
                                              release, result.timed_out ? " within 5 minutes" : "",
                                              result.err + result.out));
}

} // namespace nflab::kernel
