// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/libvirt_cache.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace nflab::lab {
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> files_below(const fs::path& directory) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory, error))
        if (entry.is_regular_file(error) && entry.path().extension() == ".xml")
            files.push_back(entry.path().lexically_relative(directory));
    return files;
}

std::string content(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

void restore_libvirt_cache(const fs::path& shared, const fs::path& own) {
    for (const fs::path& file : files_below(shared)) {
        std::error_code ignored;
        fs::create_directories((own / file).parent_path(), ignored);
        fs::copy_file(shared / file, own / file, ignored);
    }
}

void publish_libvirt_cache(const fs::path& own, const fs::path& shared) {
    for (const fs::path& file : files_below(own)) {
        std::error_code error;
        const std::string text = content(own / file);
        if (text.empty() || text == content(shared / file))
            continue;
        const fs::path target = shared / file;
        fs::create_directories(target.parent_path(), error);
        // The process id alone repeats: every lab daemon is process 2 of its namespace.
        std::string pattern = target.string() + ".XXXXXX";
        const int fd = ::mkstemp(pattern.data());
        if (fd < 0)
            return;
        ::close(fd);
        std::ofstream(pattern, std::ios::binary) << text;
        fs::rename(pattern, target, error);
        if (error)
            fs::remove(pattern, error);
    }
}

} // namespace nflab::lab
