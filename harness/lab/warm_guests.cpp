// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/warm_guests.hpp"

#include "harness/base/paths.hpp"
#include "harness/kernel/digest.hpp"
#include "harness/kernel/store.hpp"
#include "harness/lab/lab.hpp"
#include "harness/lab/warm_shape.hpp"
#include "harness/process/command.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace nflab::lab {
namespace fs = std::filesystem;

namespace {

// Each takes as much room as its guest has touched of its memory, some 100 MiB.
constexpr std::size_t most_kept = 24;

fs::path store() {
    return paths::cache() / "warm";
}

// A file is not read for this: whoever changes one leaves another size or time.
std::string identity(const fs::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0)
        return fmt::format("{} is not there\n", file.string());
    return fmt::format("{} {} {}.{:09} {}\n", file.string(), status.st_size, status.st_mtim.tv_sec,
                       status.st_mtim.tv_nsec, status.st_ino);
}

std::string digest(const plan::Plan& plan, const plan::Node& node) {
    std::string text = warm_shape(plan, node);
    const plan::BootFiles& boot = plan.boot;
    for (const fs::path& file :
         std::vector<fs::path>{boot.kernel, boot.initrd, boot.root_image, boot.modules_image,
                               find_program("qemu-system-x86_64")})
        text += identity(file);
    return kernel::sha256(text).substr(0, 32);
}

void keep(const plan::Plan& plan, const plan::Node& node, const fs::path& directory) {
    fs::create_directories(directory);
    plan::Plan keeping = keeping_plan(plan, node, directory.string());
    keeping.lab = fmt::format("keep-{}-{}", directory.stem().string().substr(1, 12), ::getpid());
    Starting::start(keeping, {});
}

// The ones that were used last stay. A guest that just starts from one has its files open.
void make_room() {
    std::vector<std::pair<fs::file_time_type, fs::path>> kept;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(store(), ignored))
        if (entry.is_directory(ignored) && entry.path().filename().string()[0] != '.')
            kept.emplace_back(entry.last_write_time(ignored), entry.path());
    std::sort(kept.rbegin(), kept.rend());
    for (std::size_t i = most_kept; i < kept.size(); ++i)
        fs::remove_all(kept[i].second, ignored);
}

} // namespace

bool can_start_warm(const plan::Plan& plan, scenario::Boot boot) {
    return plan.accelerator == plan::Accelerator::tcg && !plan.count_instructions &&
           boot == scenario::Boot::fast;
}

void provide_warm_guests(plan::Plan& plan,
                         const std::function<void(const std::string&)>& progress) {
    for (plan::Node& node : plan.nodes) {
        if (node.kind != scenario::NodeKind::vm)
            continue;
        if (!node.warm)
            node.warm.emplace();
        const fs::path target = store() / digest(plan, node);
        const bool made = !fs::exists(target);
        kernel::once(target, [&](const fs::path& temporary) {
            progress(fmt::format("{}: booting a guest to be kept for the next labs", node.name));
            keep(plan, node, temporary);
        });
        std::error_code ignored;
        fs::last_write_time(target, fs::file_time_type::clock::now(), ignored);
        if (made)
            make_room();
        node.warm->directory = target.string();
    }
}

void forget_warm_guests(plan::Plan& plan) {
    for (plan::Node& node : plan.nodes) {
        if (!node.warm)
            continue;
        std::error_code ignored;
        fs::remove_all(node.warm->directory, ignored);
        node.warm.reset();
    }
}

} // namespace nflab::lab
