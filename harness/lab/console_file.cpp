// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/console_file.hpp"

#include <fstream>
#include <iterator>

namespace nflab::lab {

std::uintmax_t console_size(const std::filesystem::path& file) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    return error ? 0 : size;
}

std::string console_tail(const std::filesystem::path& file, std::size_t limit) {
    std::ifstream in(file, std::ios::binary);
    const std::uintmax_t size = console_size(file);
    if (size > limit)
        in.seekg(static_cast<std::streamoff>(size - limit));
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace nflab::lab
