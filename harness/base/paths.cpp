// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/paths.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <initializer_list>
#include <sstream>

namespace nflab::paths {
namespace fs = std::filesystem;

namespace {

fs::path first_existing(std::initializer_list<fs::path> candidates) {
    for (const fs::path& candidate : candidates) {
        std::error_code ignored;
        if (fs::exists(candidate, ignored))
            return candidate.lexically_normal();
    }
    return {};
}

const char* environment(const char* name) {
    const char* value = std::getenv(name);
    return value && *value ? value : nullptr;
}

} // namespace

fs::path self() {
    return fs::read_symlink("/proc/self/exe");
}

std::string invocation() {
    const fs::path program = self();
    std::error_code ignored;
    const char* path = environment("PATH");
    std::istringstream directories(path ? path : "");
    for (std::string directory; std::getline(directories, directory, ':');)
        if (fs::equivalent(fs::path(directory) / "nflab", program, ignored))
            return "nflab";
    const fs::path relative = fs::relative(program, fs::current_path(ignored), ignored);
    const bool below = !relative.empty() && *relative.begin() != "..";
    return below ? relative.string() : program.string();
}

fs::path guest_program(const std::string& name) {
    const fs::path here = self().parent_path();
    const fs::path found = first_existing({here / "guest/bin" / name, here / "../guest/bin" / name,
                                           here / "../../guest/bin" / name,
                                           here / ".." / NFLAB_LIBDIR / "nflab" / name});
    if (found.empty())
        throw Error(Failure::lab, fmt::format("the guest program {} is missing", name),
                    "build it with `make`, or install nflab with `cmake --install`");
    return found;
}

fs::path data_file(const std::string& name) {
    const fs::path here = self().parent_path();
    const fs::path found = first_existing(
        {here / "../share/nflab" / name, fs::path(NFLAB_SOURCE_DIR) / "images" / name});
    if (found.empty())
        throw Error(Failure::lab, fmt::format("nflab's data file {} is missing", name),
                    "run nflab from its source tree, or install it with `cmake --install`");
    return found;
}

fs::path module_source() {
    const fs::path found = first_existing(
        {self().parent_path() / "../share/nflab/kmod", fs::path(NFLAB_SOURCE_DIR) / "guest/kmod"});
    if (found.empty())
        throw Error(Failure::lab, "the source of the kretprobe module is missing",
                    "run nflab from its source tree, or install it with `cmake --install`");
    return found;
}

fs::path cache() {
    fs::path base;
    if (const char* xdg = environment("XDG_CACHE_HOME"))
        base = xdg;
    else if (const char* home = environment("HOME"))
        base = fs::path(home) / ".cache";
    if (!base.is_absolute())
        throw Error(Failure::lab, "no place for the cache: $XDG_CACHE_HOME and $HOME are unset",
                    "set XDG_CACHE_HOME to an absolute path");
    const fs::path dir = base / "nflab";
    std::error_code error;
    fs::create_directories(dir, error);
    if (error)
        throw Error(Failure::lab,
                    fmt::format("cannot create the cache {}: {}", dir.string(), error.message()),
                    "set XDG_CACHE_HOME to a directory that you can write to");
    return dir;
}

} // namespace nflab::paths
