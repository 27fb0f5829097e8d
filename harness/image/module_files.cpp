// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/image/module_file.hpp"
#include "harness/image/module_set.hpp"
#include "harness/image/write_file.hpp"
#include "harness/kernel/archive_file.hpp"
#include "harness/kernel/catalogue.hpp"
#include "harness/process/command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace nflab::image {
namespace fs = std::filesystem;

namespace {} // namespace

ModuleSet read_modules(const fs::path& directory,
                       const std::function<bool(const std::string&)>& wanted) {
    if (directory.empty())
        return {};
    std::vector<std::string> paths;
    for (const auto& entry : fs::recursive_directory_iterator(directory / "kernel")) {
        if (entry.path().filename().string().find(".ko") != std::string::npos)
            paths.push_back(entry.path().lexically_relative(directory).string());
    }
    std::sort(paths.begin(), paths.end());
    return ModuleSet::select(paths, wanted, [&](const std::string& path) {
        const std::string bytes = kernel::read_text(directory / path);
        if (path.size() > 3 && path.compare(path.size() - 3, 3, ".ko") == 0)
            return bytes;
        try {
            return kernel::decompress(bytes);
        } catch (const std::runtime_error& error) {
            throw Error(Failure::bad_input,
                        fmt::format("{}: {}", (directory / path).string(), error.what()));
        }
    });
}

void install_modules(const ModuleSet& modules, bool signatures, const fs::path& directory,
                     const std::string& release, const fs::path& root) {
    const fs::path installed = root / "lib/modules" / release;
    fs::create_directories(installed);
    for (const auto& [name, module] : modules.modules())
        write_file(installed / module.path,
                   signatures ? module.content : without_signature(module.content));
    for (const char* name : {"modules.order", "modules.builtin", "modules.builtin.modinfo"}) {
        if (!directory.empty() && fs::exists(directory / name))
            fs::copy_file(directory / name, installed / name);
    }
    Command depmod;
    depmod.argv = {"depmod", "-b", root.string(), release};
    output_of(depmod);
}

} // namespace nflab::image
