// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/kernel/apt.hpp"
#include "harness/kernel/archive_file.hpp"
#include "harness/kernel/catalogue.hpp"
#include "harness/kernel/store.hpp"
#include "harness/kernel/unpacked.hpp"
#include "harness/scenario/suggest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>

namespace nflab::kernel {
namespace fs = std::filesystem;

namespace {

constexpr auto lock_name = "kernels.lock.yaml";

Catalogue catalogue() {
    const fs::path file = paths::data_file("kernels.yaml");
    return parse_catalogue(read_text(file), file.string());
}

std::vector<LockedKernel> locked_kernels() {
    const fs::path file = paths::data_file(lock_name);
    return parse_kernel_lock(read_text(file), file.string());
}

/// Which build stood in for a locked one that is gone: remembered, so that the mirror is not asked
/// again on every run.
fs::path substitute_file(const LockedKernel& locked) {
    return paths::cache() / "kernels" / (digest_of(locked.build.packages) + ".substitute.yaml");
}

bool have_all(const std::vector<fs::path>& files) {
    return std::none_of(files.begin(), files.end(), [](const fs::path& p) { return p.empty(); });
}

Kernel unpack_build(const Apt& apt, const LockedKernel& locked, const Progress& progress,
                    bool& gone) {
    const std::string digest = digest_of(locked.build.packages);
    std::vector<fs::path> files;
    if (!is_unpacked(digest)) {
        files = apt.fetch(locked.build.packages, progress);
        gone = !have_all(files);
        if (gone)
            return {};
    }
    Kernel kernel = unpack_kernel(digest, files, describe(locked.build.packages), progress);
    kernel.name = locked.name;
    kernel.package = describe(locked.build.packages);
    kernel.packages = locked.build.packages;
    return kernel;
}

LockedKernel choose_substitute(const Apt& apt, const LockedKernel& locked, const Wanted& wanted,
                               const Progress& progress) {
    const fs::path file = once(substitute_file(locked), [&](const fs::path& temporary) {
        apt.update(std::chrono::minutes(0), progress);
        const auto builds =
            find_builds(apt.packages(is_kernel_package), wanted.series, wanted.flavour);
        if (builds.empty())
            throw Error(Failure::lab,
                        fmt::format("{} is gone from the mirror, which has no other {} kernel of "
                                    "series {}",
                                    describe(locked.build.packages), wanted.flavour, wanted.series),
                        "use another kernel: `nflab kernels list`");
        std::ofstream(temporary) << format_kernel_lock({{locked.name, builds.front()}});
    });
    return parse_kernel_lock(read_text(file), file.string()).front();
}

Kernel find_locked(const LockedKernel& locked, const Catalogue& known, const FindOptions& options,
                   const Progress& progress) {
    const Apt apt("kernels", known.suites);
    bool gone = false;
    const bool substituted = !options.locked && fs::exists(substitute_file(locked)) &&
                             !is_unpacked(digest_of(locked.build.packages));
    if (!substituted) {
        Kernel kernel = unpack_build(apt, locked, progress, gone);
        if (!gone)
            return kernel;
    }
    const std::string package = describe(locked.build.packages);
    if (options.locked)
        throw Error(Failure::lab, fmt::format("the locked {} is gone from the mirror", package),
                    "run without --locked to use the newest build instead, or renew the lock with "
                    "`nflab kernels update`");
    const Wanted* wanted = known.find(locked.name);
    const LockedKernel other = choose_substitute(apt, locked, *wanted, progress);
    gone = false;
    Kernel kernel = unpack_build(apt, other, progress, gone);
    if (gone) {
        fs::remove(substitute_file(locked));
        throw Error(Failure::lab,
                    fmt::format("{} and its substitute {} are gone from the mirror", package,
                                describe(other.build.packages)),
                    "run the command again: it will look for a newer one");
    }
    kernel.notices.push_back(fmt::format("the locked {} is gone from the mirror: {} stands in",
                                         package, kernel.package));
    tell(progress, "notice: " + kernel.notices.back());
    return kernel;
}

} // namespace

Kernel find(const std::string& wish, const FindOptions& options, const Progress& progress) {
    const Catalogue known = catalogue();
    const std::string name = wish.empty() ? known.default_name : wish;
    const std::vector<LockedKernel> locked = locked_kernels();
    const auto entry = std::find_if(locked.begin(), locked.end(), [&](const LockedKernel& kernel) {
        return known.find(kernel.name) && (kernel.name == name || kernel.build.release == name);
    });
    if (entry != locked.end()) {
        if (!options.modules.empty())
            throw Error(Failure::bad_input, "--modules goes with the path of a bzImage",
                        fmt::format("the kernel {} has its own modules", name));
        return find_locked(*entry, known, options, progress);
    }
    if (known.find(name))
        throw Error(Failure::bad_input, fmt::format("the kernel {} is not locked yet", name),
                    "run `nflab kernels update`");
    if (name.find('/') != std::string::npos || is_package_name(name) || fs::exists(name))
        return user_kernel(name, options, progress);
    throw Error(
        Failure::bad_input,
        fmt::format("unknown kernel '{}'; {}", name, scenario::suggest(name, known.names())),
        fmt::format("a kernel is {}, or the path of a bzImage, a build tree, a .deb or an "
                    ".rpm",
                    fmt::join(known.names(), ", ")));
}

std::vector<Listed> list() {
    const Catalogue known = catalogue();
    const std::vector<LockedKernel> locked = locked_kernels();
    std::vector<Listed> lines;
    for (const Wanted& wanted : known.kernels) {
        Listed line;
        line.name = wanted.name;
        line.is_default = wanted.name == known.default_name;
        for (const LockedKernel& kernel : locked) {
            if (kernel.name != wanted.name)
                continue;
            line.release = kernel.build.release;
            line.package = describe(kernel.build.packages);
            line.cached = is_unpacked(digest_of(kernel.build.packages));
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<Change> update(const Progress& progress) {
    const Catalogue known = catalogue();
    const fs::path file = paths::data_file("kernels.yaml").parent_path() / lock_name;
    std::vector<LockedKernel> before;
    if (fs::exists(file))
        before = parse_kernel_lock(read_text(file), file.string());
    const Apt apt("kernels", known.suites);
    apt.update(std::chrono::minutes(0), progress);
    const std::vector<Package> packages = apt.packages(is_kernel_package);
    std::vector<LockedKernel> after;
    std::vector<Change> changes;
    for (const Wanted& wanted : known.kernels) {
        const auto old = std::find_if(before.begin(), before.end(), [&](const LockedKernel& entry) {
            return entry.name == wanted.name;
        });
        const auto builds = find_builds(packages, wanted.series, wanted.flavour);
        if (builds.empty()) {
            tell(progress, fmt::format("the mirror has no {} kernel of series {}", wanted.flavour,
                                       wanted.series));
            if (old != before.end())
                after.push_back(*old);
            continue;
        }
        after.push_back({wanted.name, builds.front()});
        const std::string was = old == before.end() ? "" : describe(old->build.packages);
        if (was != describe(builds.front().packages))
            changes.push_back({wanted.name, was, describe(builds.front().packages)});
    }
    std::ofstream stream(file, std::ios::trunc);
    stream << format_kernel_lock(after);
    if (!stream.flush())
        throw Error(Failure::lab, fmt::format("cannot write {}", file.string()),
                    "update the lock in a source tree of nflab");
    return changes;
}

} // namespace nflab::kernel
