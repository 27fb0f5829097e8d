// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/headers.hpp"

#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/kernel/apt.hpp"
#include "harness/kernel/store.hpp"
#include "harness/process/command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <sstream>

namespace nflab::kernel {
namespace fs = std::filesystem;

namespace {

constexpr auto lock_name = "headers.lock.yaml";

// What a kernel's Makefile runs beside the compiler, on a system with nothing on it.
constexpr std::array build_tools = {"bash", "binutils", "coreutils", "findutils",
                                    "gawk", "grep",     "make",      "sed"};

/// Only programs that are linked with sanitizers and the like need these.
constexpr std::array run_time_libraries = {"libasan", "libhwasan", "libitm",      "liblsan",
                                           "libtsan", "libubsan",  "libquadmath", "libgomp"};

bool starts_with(const std::string& text, const std::string& start) {
    return text.rfind(start, 0) == 0;
}

bool is_headers_package(const std::string& name) {
    return starts_with(name, "linux-headers-") || starts_with(name, "linux-kbuild-");
}

bool is_wanted_in_toolchain(const Package& package) {
    return !starts_with(package.name, "linux-") &&
           std::none_of(run_time_libraries.begin(), run_time_libraries.end(),
                        [&](const char* name) { return starts_with(package.name, name); });
}

std::vector<std::string> suites_of(const std::string& base) {
    if (base == "sid")
        return {"sid"};
    if (base == "experimental")
        return {"sid", "experimental"};
    return {base, base + "-security", base + "-backports"};
}

void drop_others(std::vector<Package>& packages, bool (*wanted)(const Package&)) {
    packages.erase(std::remove_if(packages.begin(), packages.end(),
                                  [&](const Package& package) { return !wanted(package); }),
                   packages.end());
    std::sort(packages.begin(), packages.end(),
              [](const Package& a, const Package& b) { return a.name < b.name; });
}

/// Out of the pool, where Debian keeps packages longer than in its indexes.
std::vector<Package> headers_in_pool(const Apt& apt, const Build& build, const Progress& progress) {
    const bool security = is_security_suite(build.packages.front().suite);
    std::vector<Package> found;
    for (const std::string& name : conventional_headers(build.release)) {
        Package package;
        package.name = name;
        package.version = build.version;
        package.suite = build.packages.front().suite;
        for (const char* architecture : {"amd64", "all"}) {
            package.file =
                fmt::format("pool/{}main/l/linux/{}_{}_{}.deb", security ? "updates/" : "", name,
                            build.version, architecture);
            if (const auto measured = apt.measure(package, progress)) {
                found.push_back(*measured);
                break;
            }
        }
        if (found.empty() || found.back().name != name)
            throw Error(Failure::lab,
                        fmt::format("the mirror no longer has {} {}", name, build.version),
                        "use a newer kernel of that series: `nflab kernels update`");
    }
    return found;
}

std::string compiler_of(const std::vector<Package>& packages) {
    for (const Package& package : packages) {
        const std::string& name = package.name; // gcc-14-base
        if (starts_with(name, "gcc-") && name.size() > 9 &&
            name.compare(name.size() - 5, 5, "-base") == 0)
            return name.substr(0, name.size() - 5);
    }
    throw Error(Failure::lab, "the headers' packages ask for no version of gcc");
}

Headers resolve(const Build& build, const Progress& progress) {
    const std::string base = base_suite(build.packages.front().suite);
    const Apt apt("headers-" + base, suites_of(base));
    apt.update(std::chrono::hours(1), progress);
    Headers result;
    const std::string name = "linux-headers-" + build.release;
    const auto listed = apt.packages([&](std::string_view other) { return other == name; });
    if (std::any_of(listed.begin(), listed.end(),
                    [&](const Package& package) { return package.version == build.version; })) {
        result.packages = apt.closure({name + "=" + build.version});
        drop_others(result.packages,
                    [](const Package& package) { return is_headers_package(package.name); });
    } else {
        result.packages = headers_in_pool(apt, build, progress);
        result.notices.push_back(
            fmt::format("{} {} is in the mirror's pool but no longer in its signed indexes: its "
                        "hash is that of the file as it came",
                        name, build.version));
    }
    std::vector<std::string> needed(build_tools.begin(), build_tools.end());
    const std::vector<fs::path> files = apt.fetch(result.packages, progress);
    for (const fs::path& file : files) {
        if (file.empty())
            throw Error(Failure::lab,
                        fmt::format("the mirror does not have all of {} {}", name, build.version));
        const auto more = build_dependencies(
            output_of({.argv = {"dpkg-deb", "--field", file.string(), "Depends"}}));
        needed.insert(needed.end(), more.begin(), more.end());
    }
    result.toolchain.packages = apt.closure(needed);
    drop_others(result.toolchain.packages, is_wanted_in_toolchain);
    result.toolchain.name = fmt::format("{}-{}", base, compiler_of(result.toolchain.packages));
    return result;
}

HeadersLock read_lock(const fs::path& file) {
    return parse_headers_lock(read_text(file), file.string());
}

std::optional<Headers> look_up(const HeadersLock& lock, const std::string& release,
                               const std::string& version) {
    const LockedHeaders* entry = lock.find_headers(release);
    // A kernel may be rebuilt under its old release.
    if (!entry || entry->packages.front().version != version)
        return {};
    return Headers{entry->packages, *lock.find_toolchain(entry->toolchain), {}};
}

void add(HeadersLock& lock, const std::string& release, const Headers& headers) {
    lock.headers.push_back({release, headers.toolchain.name, headers.packages});
    const auto same =
        std::find_if(lock.toolchains.begin(), lock.toolchains.end(),
                     [&](const Toolchain& other) { return other.name == headers.toolchain.name; });
    if (same == lock.toolchains.end()) {
        lock.toolchains.push_back(headers.toolchain);
        return;
    }
    // Another kernel may need a library or two more.
    for (const Package& package : headers.toolchain.packages)
        if (std::none_of(same->packages.begin(), same->packages.end(),
                         [&](const Package& other) { return other.name == package.name; }))
            same->packages.push_back(package);
}

} // namespace

std::string base_suite(const std::string& suite) {
    return suite.substr(0, suite.find('-'));
}

std::vector<std::string> build_dependencies(const std::string& depends) {
    std::vector<std::string> names;
    std::istringstream entries(depends);
    for (std::string entry; std::getline(entries, entry, ',');) {
        std::istringstream words(entry);
        std::string name;
        words >> name;
        if (name.empty() || (starts_with(name, "linux-") && !starts_with(name, "linux-compiler-")))
            continue;
        names.push_back(name.substr(0, name.find(':')));
    }
    return names;
}

std::vector<std::string> conventional_headers(const std::string& release) {
    for (const char* flavour : {"-cloud-amd64", "-rt-amd64", "-amd64"}) {
        const std::string ending = flavour;
        if (release.size() <= ending.size() ||
            release.compare(release.size() - ending.size(), ending.size(), ending) != 0)
            continue;
        const std::string abi = release.substr(0, release.size() - ending.size());
        return {"linux-headers-" + release,
                "linux-headers-" + abi + (ending == "-rt-amd64" ? "-common-rt" : "-common"),
                "linux-kbuild-" + abi};
    }
    throw Error(Failure::bad_input,
                fmt::format("'{}' is not the release of one of Debian's amd64 kernels", release));
}

Headers find_headers(const Kernel& kernel, const Progress& progress) {
    if (kernel.packages.empty())
        throw Error(Failure::bad_input,
                    fmt::format("nflab does not know the headers of {}", kernel.name),
                    "it finds them for the kernels of `nflab kernels list`; for another one, build "
                    "guest/kmod with `make KDIR=…` yourself");
    const std::string& version = kernel.packages.front().version;
    if (auto locked = look_up(read_lock(paths::data_file(lock_name)), kernel.release, version))
        return *locked;
    const fs::path file = paths::cache() / "headers" / (kernel.digest + ".lock.yaml");
    once(file, [&](const fs::path& temporary) {
        HeadersLock own;
        const Headers found = resolve({kernel.release, version, kernel.packages}, progress);
        for (const std::string& notice : found.notices)
            tell(progress, "notice: " + notice);
        add(own, kernel.release, found);
        std::ofstream(temporary) << format_headers_lock(own);
    });
    return *look_up(read_lock(file), kernel.release, version);
}

std::vector<Change> update_headers(const Progress& progress) {
    const fs::path kernels = paths::data_file("kernels.lock.yaml");
    const fs::path file = kernels.parent_path() / lock_name;
    const HeadersLock before = fs::exists(file) ? read_lock(file) : HeadersLock{};
    HeadersLock after;
    std::vector<Change> changes;
    for (const LockedKernel& kernel : parse_kernel_lock(read_text(kernels), kernels.string())) {
        const std::string& release = kernel.build.release;
        if (const auto same = look_up(before, release, kernel.build.version)) {
            add(after, release, *same);
            continue;
        }
        const Headers found = resolve(kernel.build, progress);
        for (const std::string& notice : found.notices)
            tell(progress, "notice: " + notice);
        const LockedHeaders* old = before.find_headers(release);
        changes.push_back({kernel.name, old ? describe(old->packages) : "",
                           describe(found.packages) + " with " + found.toolchain.name});
        add(after, release, found);
    }
    std::ofstream stream(file, std::ios::trunc);
    stream << format_headers_lock(after);
    if (!stream.flush())
        throw Error(Failure::lab, fmt::format("cannot write {}", file.string()),
                    "update the lock in a source tree of nflab");
    return changes;
}

} // namespace nflab::kernel
