// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/kernel/archive_file.hpp"
#include "harness/kernel/bzimage.hpp"
#include "harness/kernel/catalogue.hpp"
#include "harness/kernel/digest.hpp"
#include "harness/kernel/store.hpp"
#include "harness/kernel/unpacked.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace nflab::kernel {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t digest_length = 32;

std::vector<fs::path> split_at_commas(const std::string& text) {
    std::vector<fs::path> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, ',');)
        parts.emplace_back(part);
    return parts;
}

/// Reads a bzImage and says which kernel it is.
Kernel examine_image(const fs::path& image) {
    const std::string bytes = read_text(image);
    if (!is_bzimage(bytes)) {
        const bool elf = bytes.rfind("\177ELF", 0) == 0;
        throw Error(Failure::bad_input,
                    fmt::format("{} is {}, not an x86 bzImage", image.string(),
                                elf ? "an ELF file" : "something else"),
                    elf ? "give arch/x86/boot/bzImage of the same build" : "");
    }
    Kernel kernel;
    kernel.image = fs::absolute(image);
    kernel.release = bzimage_release(bytes);
    kernel.digest = sha256(bytes);
    return kernel;
}

/// The directory that holds kernel/: the given one, or lib/modules/<release> below it.
fs::path modules_directory(const fs::path& given, const std::string& release) {
    for (const fs::path& candidate : {given, given / release, given / "lib/modules" / release}) {
        if (fs::is_directory(candidate / "kernel"))
            return fs::absolute(candidate).lexically_normal();
    }
    throw Error(
        Failure::bad_input, fmt::format("{} holds no modules for {}", given.string(), release),
        "give the directory that `make modules_install INSTALL_MOD_PATH=…` wrote to, or its "
        "lib/modules/" +
            release);
}

/// Names, sizes and times stand for the content: hashing gigabytes of debug information would cost
/// more than booting the kernel.
void add_modules(Sha256& digest, const fs::path& directory) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(
             directory, fs::directory_options::skip_permission_denied)) {
        if (entry.is_regular_file() && entry.path().string().find(".ko") != std::string::npos)
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files)
        digest.add(fmt::format("{} {} {}\n", fs::relative(file, directory).string(),
                               fs::file_size(file),
                               fs::last_write_time(file).time_since_epoch().count()));
}

Kernel from_image(const fs::path& image, const FindOptions& options) {
    Kernel kernel = examine_image(image);
    const fs::path beside = image.parent_path() / ("config-" + kernel.release);
    if (fs::exists(beside))
        kernel.config = fs::absolute(beside);
    if (options.modules.empty())
        return kernel;
    kernel.modules = modules_directory(options.modules, kernel.release);
    for (const char* name : {"config", "build/.config"}) {
        if (kernel.config.empty() && fs::exists(kernel.modules / name))
            kernel.config = kernel.modules / name;
    }
    Sha256 digest;
    digest.add(kernel.digest);
    add_modules(digest, kernel.modules);
    kernel.digest = digest.finish();
    return kernel;
}

/// One line of modules.order: "kernel/net/x.ko" up to 6.2, "net/x.o" since.
fs::path module_of_line(std::string line) {
    if (line.rfind("kernel/", 0) == 0)
        line.erase(0, 7);
    if (line.size() > 2 && line.compare(line.size() - 2, 2, ".o") == 0)
        line.replace(line.size() - 2, 2, ".ko");
    return line;
}

std::vector<fs::path> built_modules(const fs::path& tree) {
    std::vector<fs::path> modules;
    std::istringstream lines(read_text(tree / "modules.order"));
    for (std::string line; std::getline(lines, line);) {
        const fs::path module = module_of_line(line);
        if (!module.empty() && fs::exists(tree / module))
            modules.push_back(module);
    }
    return modules;
}

/// A build tree has its modules strewn about: links to them, in the cache, bring them into the
/// order of an installed kernel. The tree itself is only read.
Kernel from_build_tree(const fs::path& tree) {
    Kernel kernel = examine_image(tree / "arch/x86/boot/bzImage");
    if (fs::exists(tree / ".config"))
        kernel.config = fs::absolute(tree / ".config");
    if (!fs::exists(tree / "modules.order"))
        return kernel;
    const std::vector<fs::path> modules = built_modules(tree);
    Sha256 digest;
    digest.add(kernel.digest);
    for (const fs::path& module : modules)
        digest.add(fmt::format("{} {} {}\n", (tree / module).string(), fs::file_size(tree / module),
                               fs::last_write_time(tree / module).time_since_epoch().count()));
    kernel.digest = digest.finish();
    const fs::path links =
        paths::cache() / "kernels" / (kernel.digest.substr(0, digest_length) + "-tree");
    kernel.modules = once(links, [&](const fs::path& temporary) {
        fs::create_directories(temporary / "kernel");
        for (const fs::path& module : modules) {
            fs::create_directories((temporary / "kernel" / module).parent_path());
            fs::create_symlink(fs::absolute(tree / module), temporary / "kernel" / module);
        }
        for (const char* name : {"modules.order", "modules.builtin", "modules.builtin.modinfo"}) {
            if (fs::exists(tree / name))
                fs::copy_file(tree / name, temporary / name);
        }
    });
    return kernel;
}

Kernel from_packages(const std::string& list, const Progress& progress) {
    const std::vector<fs::path> files = split_at_commas(list);
    Sha256 digest;
    for (const fs::path& file : files) {
        if (!is_package_name(file))
            throw Error(Failure::bad_input,
                        fmt::format("{} is neither a .deb nor an .rpm file", file.string()));
        if (!fs::exists(file))
            throw Error(Failure::bad_input, fmt::format("{} does not exist", file.string()));
        digest.add(sha256_of_file(file));
    }
    return unpack_kernel(digest.finish().substr(0, digest_length), files, list, progress);
}

} // namespace

Kernel user_kernel(const std::string& path, const FindOptions& options, const Progress& progress) {
    Kernel kernel;
    if (is_package_name(path)) {
        kernel = from_packages(path, progress);
    } else if (!fs::exists(path)) {
        throw Error(Failure::bad_input, fmt::format("{} does not exist", path));
    } else if (!fs::is_directory(path)) {
        kernel = from_image(path, options);
    } else if (fs::exists(fs::path(path) / "arch/x86/boot/bzImage")) {
        kernel = from_build_tree(fs::absolute(path).lexically_normal());
    } else {
        throw Error(Failure::bad_input,
                    fmt::format("{} is a directory, but not a kernel that was built", path),
                    "a build tree has arch/x86/boot/bzImage; run `make bzImage modules` in it");
    }
    kernel.digest = kernel.digest.substr(0, digest_length);
    kernel.name = path;
    return kernel;
}

} // namespace nflab::kernel
