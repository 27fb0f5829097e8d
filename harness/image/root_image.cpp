// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/image/erofs.hpp"
#include "harness/image/image.hpp"
#include "harness/image/root_recipe.hpp"
#include "harness/kernel/apt.hpp"
#include "harness/kernel/archive_file.hpp"
#include "harness/kernel/catalogue.hpp"
#include "harness/kernel/digest.hpp"
#include "harness/kernel/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>

namespace nflab::image {
namespace fs = std::filesystem;
using kernel::Package;
using kernel::Progress;

namespace {

/// Raise it when the same recipe and packages shall give another root.
constexpr int root_format = 1;
constexpr auto lock_name = "root.lock.yaml";

std::string recipe_text() {
    return kernel::read_text(paths::data_file("root.yaml"));
}

RootRecipe recipe() {
    const fs::path file = paths::data_file("root.yaml");
    return parse_root_recipe(kernel::read_text(file), file.string());
}

std::vector<Package> locked_packages() {
    const fs::path file = paths::data_file(lock_name);
    return kernel::parse_package_lock(kernel::read_text(file), file.string());
}

std::vector<Package> resolve(const RootRecipe& recipe, const Progress& progress) {
    const kernel::Apt apt("root", recipe.suites);
    apt.update(std::chrono::minutes(0), progress);
    std::vector<Package> packages = apt.closure(recipe.packages);
    packages.erase(std::remove_if(packages.begin(), packages.end(),
                                  [&](const Package& package) {
                                      return recipe.without.count(package.name) != 0;
                                  }),
                   packages.end());
    std::sort(packages.begin(), packages.end(),
              [](const Package& a, const Package& b) { return a.name < b.name; });
    return packages;
}

std::vector<std::string> differences(const std::vector<Package>& before,
                                     const std::vector<Package>& after) {
    std::map<std::string, std::string> old;
    for (const Package& package : before)
        old[package.name] = package.version;
    std::vector<std::string> lines;
    for (const Package& package : after) {
        const auto found = old.find(package.name);
        const std::string was = found == old.end() ? "(new)" : found->second;
        if (was != package.version)
            lines.push_back(fmt::format("{} {} -> {}", package.name, was, package.version));
        if (found != old.end())
            old.erase(found);
    }
    for (const auto& [name, version] : old)
        lines.push_back(fmt::format("{} {} -> (gone)", name, version));
    return lines;
}

void finish_tree(const RootRecipe& recipe, const fs::path& tree) {
    for (const std::string& directory : recipe.directories)
        fs::create_directories(tree / directory);
    for (const auto& [path, content] : recipe.files) {
        fs::create_directories((tree / path).parent_path());
        fs::remove(tree / path);
        std::ofstream(tree / path) << content;
        fs::permissions(tree / path,
                        content.rfind("#!", 0) == 0 ? fs::perms(0755) : fs::perms(0644));
    }
    for (const auto& [path, target] : recipe.links) {
        fs::create_directories((tree / path).parent_path());
        fs::remove(tree / path);
        fs::create_symlink(target, tree / path);
    }
    fs::permissions(tree / "tmp", fs::perms(01777));
    fs::permissions(tree / "var/tmp", fs::perms(01777));
}

void build_tree(const RootRecipe& recipe, const std::vector<fs::path>& debs, const fs::path& tree) {
    for (const char* folder : {"bin", "sbin", "lib", "lib64"}) {
        fs::create_directories(tree / "usr" / folder);
        fs::create_symlink(std::string("usr/") + folder, tree / folder);
    }
    for (const fs::path& deb : debs)
        kernel::unpack_package(
            deb, tree, [&](const std::string& path) { return place_in_root(recipe, path); });
    finish_tree(recipe, tree);
}

std::vector<std::string> names_of_missing(const std::vector<Package>& packages,
                                          const std::vector<fs::path>& files) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < packages.size(); ++i) {
        if (files[i].empty())
            names.push_back(kernel::describe({packages[i]}));
    }
    return names;
}

std::string key_of(const std::vector<Package>& packages) {
    return kernel::sha256(
               fmt::format("{}\n{}\n{}", root_format, recipe_text(), kernel::digest_of(packages)))
        .substr(0, 32);
}

void build_into(const fs::path& directory, const std::vector<Package>& packages,
                const std::vector<fs::path>& files, const Progress& progress) {
    kernel::tell(progress, fmt::format("making the guest root from {} packages", packages.size()));
    const fs::path tree = directory / "tree";
    fs::create_directories(tree);
    build_tree(recipe(), files, tree);
    make_erofs(tree, directory / "root.erofs");
    std::ofstream(directory / "sha256") << kernel::sha256_of_file(directory / "root.erofs");
}

Root describe(const fs::path& directory) {
    Root root;
    root.tree = directory / "tree";
    root.image = directory / "root.erofs";
    root.digest = kernel::read_text(directory / "sha256");
    return root;
}

fs::path roots() {
    return paths::cache() / "images" / "root";
}

fs::path substitute_file(const std::vector<Package>& locked) {
    return roots() / (key_of(locked) + ".substitute.yaml");
}

/// What stands in for a lock whose packages are partly gone; remembered for the next run.
std::vector<Package> substitute(const std::vector<Package>& locked, const Progress& progress) {
    const fs::path file = kernel::once(substitute_file(locked), [&](const fs::path& temporary) {
        std::ofstream(temporary) << kernel::format_package_lock(resolve(recipe(), progress));
    });
    return kernel::parse_package_lock(kernel::read_text(file), file.string());
}

Root make(const std::vector<Package>& packages, const std::vector<fs::path>& files,
          const Progress& progress) {
    return describe(kernel::once(roots() / key_of(packages), [&](const fs::path& temporary) {
        build_into(temporary, packages, files, progress);
    }));
}

/// Makes the root from newer packages than the locked ones, and says so.
Root make_substitute(const std::vector<Package>& locked, const Progress& progress) {
    const std::vector<Package> packages = substitute(locked, progress);
    std::vector<fs::path> files;
    if (!fs::exists(roots() / key_of(packages))) {
        files = kernel::Apt("root", recipe().suites).fetch(packages, progress);
        if (const auto missing = names_of_missing(packages, files); !missing.empty()) {
            fs::remove(substitute_file(locked));
            throw Error(Failure::lab, fmt::format("{} is gone from the mirror", missing.front()),
                        "run the command again: it will look for a newer one");
        }
    }
    Root made = make(packages, files, progress);
    for (const std::string& line : differences(locked, packages)) {
        made.notices.push_back("guest root, gone from the mirror: " + line);
        kernel::tell(progress, "notice: " + made.notices.back());
    }
    return made;
}

} // namespace

Root root(bool locked, const Progress& progress) {
    const std::vector<Package> packages = locked_packages();
    const fs::path wanted = roots() / key_of(packages);
    if (fs::exists(wanted))
        return describe(wanted);
    if (!locked && fs::exists(substitute_file(packages)))
        return make_substitute(packages, progress);
    const auto files = kernel::Apt("root", recipe().suites).fetch(packages, progress);
    const auto missing = names_of_missing(packages, files);
    if (missing.empty())
        return make(packages, files, progress);
    if (locked)
        throw Error(Failure::lab,
                    fmt::format("{} package(s) of the guest root are gone from the mirror, the "
                                "first is {}",
                                missing.size(), missing.front()),
                    "run without --locked to use newer ones, or renew the lock with `nflab image "
                    "update`");
    return make_substitute(packages, progress);
}

Root build_root_in(const fs::path& directory, const Progress& progress) {
    const std::vector<Package> packages = locked_packages();
    const auto files = kernel::Apt("root", recipe().suites).fetch(packages, progress);
    if (const auto missing = names_of_missing(packages, files); !missing.empty())
        throw Error(Failure::lab, fmt::format("{} is gone from the mirror", missing.front()),
                    "renew the lock with `nflab image update`");
    fs::create_directories(directory);
    build_into(directory, packages, files, progress);
    return describe(directory);
}

std::vector<std::string> update_root_lock(const Progress& progress) {
    const fs::path file = paths::data_file("root.yaml").parent_path() / lock_name;
    std::vector<Package> before;
    if (fs::exists(file))
        before = kernel::parse_package_lock(kernel::read_text(file), file.string());
    const std::vector<Package> after = resolve(recipe(), progress);
    std::ofstream stream(file, std::ios::trunc);
    stream << kernel::format_package_lock(after);
    if (!stream.flush())
        throw Error(Failure::lab, fmt::format("cannot write {}", file.string()),
                    "update the lock in a source tree of nflab");
    return differences(before, after);
}

} // namespace nflab::image
