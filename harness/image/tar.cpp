// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/image/disk_tree.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <vector>

namespace nflab::image {
namespace fs = std::filesystem;

namespace {

struct FreeArchive {
    void operator()(archive* handle) const { archive_write_free(handle); }
};

void check(archive* writer, int status) {
    if (status != ARCHIVE_OK)
        throw Error(Failure::lab,
                    fmt::format("cannot write a tar file: {}", archive_error_string(writer)),
                    "is the disk full?");
}

void add_content(archive* writer, const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    std::array<char, 65536> buffer{};
    while (stream.read(buffer.data(), buffer.size()), stream.gcount() > 0) {
        if (archive_write_data(writer, buffer.data(), static_cast<std::size_t>(stream.gcount())) <
            0)
            check(writer, ARCHIVE_FATAL);
    }
}

void add(archive* writer, const fs::path& directory, const fs::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0)
        throw Error(Failure::lab, fmt::format("cannot read {}", path.string()));
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                         &archive_entry_free);
    archive_entry_copy_stat(entry.get(), &status);
    archive_entry_set_uid(entry.get(), 0);
    archive_entry_set_gid(entry.get(), 0);
    archive_entry_set_nlink(entry.get(), 1);
    archive_entry_set_pathname(entry.get(), path.lexically_relative(directory).c_str());
    if (S_ISLNK(status.st_mode))
        archive_entry_set_symlink(entry.get(), fs::read_symlink(path).c_str());
    check(writer, archive_write_header(writer, entry.get()));
    if (S_ISREG(status.st_mode))
        add_content(writer, path);
}

} // namespace

void write_tar(const fs::path& directory, const fs::path& file) {
    const std::unique_ptr<archive, FreeArchive> writer(archive_write_new());
    check(writer.get(), archive_write_set_format_pax_restricted(writer.get()));
    check(writer.get(), archive_write_open_filename(writer.get(), file.c_str()));
    std::vector<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(directory))
        paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths)
        add(writer.get(), directory, path);
    check(writer.get(), archive_write_close(writer.get()));
}

} // namespace nflab::image
