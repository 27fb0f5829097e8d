// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/catalogue.hpp"

#include "harness/base/error.hpp"
#include "harness/kernel/digest.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace nflab::kernel {

namespace {

constexpr int lock_version = 1;

[[noreturn]] void fail(const std::string& file, const YAML::Mark& mark, const std::string& what) {
    throw Error(Failure::bad_input,
                fmt::format("{}:{}:{}: {}", file, mark.line + 1, mark.column + 1, what));
}

YAML::Node load(const std::string& text, const std::string& file) {
    try {
        YAML::Node root = YAML::Load(text);
        if (!root.IsMap())
            fail(file, root.Mark(), "a mapping is expected");
        return root;
    } catch (const YAML::Exception& error) {
        fail(file, error.mark, error.msg);
    }
}

template <typename T>
T get(const YAML::Node& parent, const char* key, const std::string& file) {
    const YAML::Node node = parent[key];
    if (!node)
        fail(file, parent.Mark(), fmt::format("'{}' is missing", key));
    try {
        return node.as<T>();
    } catch (const YAML::Exception& error) {
        fail(file, node.Mark(), fmt::format("'{}': {}", key, error.msg));
    }
}

YAML::Node list(const YAML::Node& parent, const char* key, const std::string& file) {
    const YAML::Node node = parent[key];
    if (!node || !node.IsSequence())
        fail(file, parent.Mark(), fmt::format("'{}' must be a list", key));
    return node;
}

void check_lock_version(const YAML::Node& root, const std::string& file) {
    const int version = get<int>(root, "version", file);
    if (version != lock_version)
        fail(file, root["version"].Mark(),
             fmt::format("version {} of the lock format; this nflab reads version {}", version,
                         lock_version));
}

std::vector<Package> read_packages(const YAML::Node& parent, const std::string& file) {
    std::vector<Package> packages;
    for (const YAML::Node& node : list(parent, "packages", file)) {
        Package package;
        package.name = get<std::string>(node, "name", file);
        package.version = get<std::string>(node, "version", file);
        package.suite = get<std::string>(node, "suite", file);
        package.file = get<std::string>(node, "file", file);
        package.size = get<std::uint64_t>(node, "size", file);
        package.sha256 = get<std::string>(node, "sha256", file);
        if (package.sha256.size() != 64 ||
            package.sha256.find_first_not_of("0123456789abcdef") != std::string::npos)
            fail(file, node["sha256"].Mark(), "'sha256' must be 64 lower-case hex digits");
        packages.push_back(std::move(package));
    }
    if (packages.empty())
        fail(file, parent.Mark(), "'packages' must name at least one package");
    return packages;
}

std::string format_packages(const std::vector<Package>& packages, const std::string& indent) {
    std::string text = indent + "packages:\n";
    for (const Package& package : packages)
        text += fmt::format("{0}  - name: {1}\n{0}    version: \"{2}\"\n{0}    suite: {3}\n"
                            "{0}    file: {4}\n{0}    size: {5}\n{0}    sha256: \"{6}\"\n",
                            indent, package.name, package.version, package.suite, package.file,
                            package.size, package.sha256);
    return text;
}

std::string lock_header(const char* command) {
    return fmt::format("# SPDX-License-Identifier: GPL-2.0-or-later\n"
                       "# Written by `{}`; see docs/formats/lock.md.\nversion: {}\n",
                       command, lock_version);
}

} // namespace

const Wanted* Catalogue::find(const std::string& name) const {
    const auto found = std::find_if(kernels.begin(), kernels.end(),
                                    [&](const Wanted& wanted) { return wanted.name == name; });
    return found == kernels.end() ? nullptr : &*found;
}

std::vector<std::string> Catalogue::names() const {
    std::vector<std::string> names;
    for (const Wanted& wanted : kernels)
        names.push_back(wanted.name);
    return names;
}

const Toolchain* HeadersLock::find_toolchain(const std::string& name) const {
    const auto found = std::find_if(toolchains.begin(), toolchains.end(),
                                    [&](const Toolchain& entry) { return entry.name == name; });
    return found == toolchains.end() ? nullptr : &*found;
}

const LockedHeaders* HeadersLock::find_headers(const std::string& release) const {
    const auto found = std::find_if(headers.begin(), headers.end(),
                                    [&](const auto& entry) { return entry.release == release; });
    return found == headers.end() ? nullptr : &*found;
}

Catalogue parse_catalogue(const std::string& text, const std::string& file) {
    const YAML::Node root = load(text, file);
    Catalogue catalogue;
    catalogue.default_name = get<std::string>(root, "default", file);
    catalogue.suites = get<std::vector<std::string>>(root, "suites", file);
    for (const YAML::Node& node : list(root, "kernels", file))
        catalogue.kernels.push_back({get<std::string>(node, "name", file),
                                     get<std::string>(node, "series", file),
                                     get<std::string>(node, "flavour", file)});
    if (!catalogue.find(catalogue.default_name))
        fail(file, root["default"].Mark(),
             fmt::format("the default '{}' is not among the kernels", catalogue.default_name));
    return catalogue;
}

std::vector<LockedKernel> parse_kernel_lock(const std::string& text, const std::string& file) {
    const YAML::Node root = load(text, file);
    check_lock_version(root, file);
    std::vector<LockedKernel> kernels;
    for (const YAML::Node& node : list(root, "kernels", file)) {
        LockedKernel kernel;
        kernel.name = get<std::string>(node, "name", file);
        kernel.build.release = get<std::string>(node, "release", file);
        kernel.build.packages = read_packages(node, file);
        kernel.build.version = kernel.build.packages.front().version;
        kernels.push_back(std::move(kernel));
    }
    return kernels;
}

std::vector<Package> parse_package_lock(const std::string& text, const std::string& file) {
    const YAML::Node root = load(text, file);
    check_lock_version(root, file);
    return read_packages(root, file);
}

HeadersLock parse_headers_lock(const std::string& text, const std::string& file) {
    const YAML::Node root = load(text, file);
    check_lock_version(root, file);
    HeadersLock lock;
    for (const YAML::Node& node : list(root, "toolchains", file))
        lock.toolchains.push_back(
            {get<std::string>(node, "name", file), read_packages(node, file)});
    for (const YAML::Node& node : list(root, "headers", file)) {
        lock.headers.push_back({get<std::string>(node, "release", file),
                                get<std::string>(node, "toolchain", file),
                                read_packages(node, file)});
        if (!lock.find_toolchain(lock.headers.back().toolchain))
            fail(file, node["toolchain"].Mark(),
                 fmt::format("there is no toolchain '{}'", lock.headers.back().toolchain));
    }
    return lock;
}

std::string format_kernel_lock(const std::vector<LockedKernel>& kernels) {
    std::string text = lock_header("nflab kernels update") + "kernels:\n";
    for (const LockedKernel& kernel : kernels)
        text +=
            fmt::format("  - name: \"{}\"\n    release: {}\n", kernel.name, kernel.build.release) +
            format_packages(kernel.build.packages, "    ");
    return text;
}

std::string format_package_lock(const std::vector<Package>& packages) {
    return lock_header("nflab image update") + format_packages(packages, "");
}

std::string format_headers_lock(const HeadersLock& lock) {
    std::string text = lock_header("nflab kernels update") + "headers:\n";
    for (const LockedHeaders& entry : lock.headers)
        text +=
            fmt::format("  - release: {}\n    toolchain: {}\n", entry.release, entry.toolchain) +
            format_packages(entry.packages, "    ");
    text += "toolchains:\n";
    for (const Toolchain& toolchain : lock.toolchains)
        text += fmt::format("  - name: {}\n", toolchain.name) +
                format_packages(toolchain.packages, "    ");
    return text;
}

std::string read_text(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        throw Error(Failure::bad_input, fmt::format("cannot read {}", file.string()));
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

std::string digest_of(const std::vector<Package>& packages) {
    Sha256 digest;
    for (const Package& package : packages)
        digest.add(package.sha256);
    return digest.finish().substr(0, 32);
}

} // namespace nflab::kernel
