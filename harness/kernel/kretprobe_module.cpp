// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/kretprobe_module.hpp"

#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/kernel/build_root.hpp"
#include "harness/kernel/digest.hpp"
#include "harness/kernel/store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nflab::kernel {
namespace fs = std::filesystem;

namespace {

constexpr auto file_name = "nflab_kretprobe.ko";

std::vector<fs::path> source_files() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(paths::module_source())) {
        const fs::path& file = entry.path();
        if (file.extension() == ".c" || file.extension() == ".h" || file.filename() == "Kbuild")
            files.push_back(file);
    }
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

fs::path kretprobe_module(const Kernel& kernel, const Progress& progress) {
    const Headers headers = find_headers(kernel, progress);
    const std::vector<fs::path> sources = source_files();
    Sha256 key;
    key.add(kernel.digest);
    key.add(digest_of(headers.packages));
    key.add(digest_of(headers.toolchain.packages));
    for (const fs::path& file : sources)
        key.add(file.filename().string()).add(read_text(file));
    const fs::path place = paths::cache() / "kmod" / key.finish().substr(0, 32);
    once(place, [&](const fs::path& directory) {
        const fs::path work = directory / "work";
        fs::create_directories(work);
        for (const fs::path& file : sources)
            fs::copy_file(file, work / file.filename());
        build_module(headers, kernel.release, work, progress);
        if (!fs::exists(work / file_name))
            throw Error(Failure::lab,
                        fmt::format("building for {} left no {}", kernel.release, file_name));
        fs::rename(work / file_name, directory / file_name);
        fs::remove_all(work);
    });
    return place / file_name;
}

} // namespace nflab::kernel
