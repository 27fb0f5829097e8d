// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/write_file.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>

#include <fstream>

namespace nflab::image {

void write_file(const std::filesystem::path& file, std::string_view content) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream stream(file, std::ios::binary);
    stream.write(content.data(), static_cast<std::streamsize>(content.size()));
    if (!stream.flush())
        throw Error(Failure::lab, fmt::format("cannot write {}", file.string()),
                    "is the disk full?");
}

} // namespace nflab::image
