// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/erofs.hpp"

#include "harness/process/command.hpp"

#include <chrono>

namespace nflab::image {

void make_erofs(const std::filesystem::path& tree, const std::filesystem::path& image) {
    Command command;
    // Any fixed time does; 2024-01-01 does not make programs doubt the clock.
    command.argv = {
        "mkfs.erofs", "--quiet", "-T1704067200", "-U6e666c61-6200-4e46-8c41-424c41420001",
        "--all-root", "-x-1",    image.string(), tree.string()};
    command.timeout = std::chrono::minutes(5);
    output_of(command);
}

} // namespace nflab::image
