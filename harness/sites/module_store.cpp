// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/sites/module_store.hpp"

#include "harness/base/paths.hpp"
#include "harness/image/write_file.hpp"
#include "harness/kernel/archive_file.hpp"
#include "harness/kernel/catalogue.hpp"
#include "harness/kernel/features.hpp"
#include "harness/kernel/store.hpp"
#include "harness/sites/probed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace nflab::sites {
namespace fs = std::filesystem;

namespace {

fs::path directory() {
    return paths::cache() / "sites";
}

fs::path place(const kernel::Package& package) {
    return directory() / package.sha256;
}

bool is_module(const std::string& path) {
    const std::string file = fs::path(path).filename().string();
    return file.find(".ko") != std::string::npos &&
           probed_modules().count(kernel::module_name(path)) != 0;
}

} // namespace

Modules modules_below(const fs::path& directory) {
    Modules modules;
    if (!fs::is_directory(directory))
        return modules;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        if (entry.is_regular_file() && is_module(entry.path().string()))
            modules.emplace(kernel::module_name(entry.path().string()),
                            kernel::decompress(kernel::read_text(entry.path())));
    }
    return modules;
}

const kernel::Package& modules_package(const kernel::Build& build) {
    const auto split =
        std::find_if(build.packages.begin(), build.packages.end(), [](const kernel::Package& each) {
            return each.name.rfind("linux-modules-", 0) == 0;
        });
    return split == build.packages.end() ? build.packages.front() : *split;
}

Modules ModuleStore::modules(const kernel::Build& build) {
    return out_of(modules_package(build));
}

Modules ModuleStore::debug_modules(const kernel::Package& package) {
    return out_of(package);
}

Modules ModuleStore::out_of(const kernel::Package& package) {
    const fs::path kept_at = kernel::once(place(package), [&](const fs::path& temporary) {
        fs::create_directories(temporary);
        fs::path file = paths::cache() / "debs" / (package.sha256 + ".deb");
        const bool ours = !fs::exists(file);
        if (ours) {
            const std::lock_guard lock(download_);
            file = temporary / "package.deb";
            if (!apt_.download(package, file))
                throw GoneFromArchive(Failure::lab,
                                      fmt::format("{} {} is listed, but gone from the archive",
                                                  package.name, package.version));
        }
        for (const auto& [path, content] :
             kernel::read_files(file, is_module, probed_modules().size()))
            image::write_file(temporary / (kernel::module_name(path) + ".ko.zst"),
                              kernel::compress(kernel::decompress(content)));
        if (ours)
            fs::remove(file);
    });
    return modules_below(kept_at);
}

bool ModuleStore::is_kept(const kernel::Package& package) {
    return fs::exists(place(package));
}

void ModuleStore::keep_only(const std::vector<kernel::Package>& packages) {
    std::set<std::string> names;
    for (const kernel::Package& package : packages)
        names.insert(package.sha256);
    if (!fs::is_directory(directory()))
        return;
    for (const auto& entry : fs::directory_iterator(directory())) {
        const std::string name = entry.path().filename().string();
        if (name.size() == 64 && names.count(name) == 0)
            fs::remove_all(entry.path());
    }
}

} // namespace nflab::sites
