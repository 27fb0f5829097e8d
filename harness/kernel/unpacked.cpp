// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/unpacked.hpp"

#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/kernel/archive_file.hpp"
#include "harness/kernel/store.hpp"

#include <fmt/format.h>

namespace nflab::kernel {
namespace fs = std::filesystem;

namespace {

fs::path place(const std::string& digest) {
    return paths::cache() / "kernels" / digest;
}

bool starts_with(const std::string& text, const std::string& start) {
    return text.rfind(start, 0) == 0;
}

/// Brings the layouts of Debian (before and after 7.2), Fedora and SUSE to one: vmlinuz, config,
/// lib/modules/<release>.
std::optional<fs::path> place_in_kernel(const std::string& path) {
    const std::string inside = starts_with(path, "usr/lib/") ? path.substr(4) : path;
    const std::string file = fs::path(inside).filename().string();
    const fs::path parent = fs::path(inside).parent_path();
    const bool beside_modules = parent.parent_path() == "lib/modules";
    if (parent == "boot" || beside_modules) {
        if (file == "vmlinuz" || file == "bzImage" || starts_with(file, "vmlinuz-"))
            return "vmlinuz";
        if (file == "config" || starts_with(file, "config-"))
            return "config";
    }
    // What a build of modules needs is not for us, and its links lead out of the package.
    if (!starts_with(inside, "lib/modules/") ||
        (beside_modules && (file == "build" || file == "source")))
        return {};
    return inside;
}

fs::path only_modules_directory(const fs::path& kernel) {
    const fs::path all = kernel / "lib/modules";
    if (!fs::is_directory(all))
        return {};
    for (const auto& entry : fs::directory_iterator(all)) {
        if (fs::is_directory(entry.path() / "kernel"))
            return entry.path();
    }
    return {};
}

} // namespace

bool is_unpacked(const std::string& digest) {
    return fs::exists(place(digest));
}

Kernel unpack_kernel(const std::string& digest, const std::vector<fs::path>& packages,
                     const std::string& what, const Progress& progress) {
    const fs::path root = once(place(digest), [&](const fs::path& temporary) {
        tell(progress, "unpacking " + what);
        fs::create_directories(temporary);
        for (const fs::path& package : packages)
            unpack_package(package, temporary, place_in_kernel);
        if (!fs::exists(temporary / "vmlinuz"))
            throw Error(Failure::bad_input, fmt::format("{} holds no kernel image", what),
                        "split packages must be given together, separated by commas: "
                        "linux-binary, linux-modules and linux-base");
        if (only_modules_directory(temporary).empty())
            throw Error(Failure::bad_input, fmt::format("{} holds no modules", what),
                        "give the package with the modules, too, separated by a comma");
    });
    Kernel kernel;
    kernel.image = root / "vmlinuz";
    kernel.modules = only_modules_directory(root);
    kernel.release = kernel.modules.filename().string();
    if (fs::exists(root / "config"))
        kernel.config = root / "config";
    kernel.digest = digest;
    return kernel;
}

} // namespace nflab::kernel
