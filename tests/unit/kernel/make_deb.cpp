// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/kernel/make_deb.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <fstream>
#include <memory>
#include <stdexcept>

namespace nflab::test {

namespace {

/// An archive that is written into a string.
class Writer {
  public:
    Writer(const char* format, bool xz) : writer_(archive_write_new(), &archive_write_free) {
        check(archive_write_set_format_by_name(writer_.get(), format));
        check(xz ? archive_write_add_filter_xz(writer_.get())
                 : archive_write_add_filter_none(writer_.get()));
        check(archive_write_set_bytes_in_last_block(writer_.get(), 1));
        check(archive_write_open(writer_.get(), &bytes_, nullptr, &append, nullptr));
    }

    void add(const std::string& path, unsigned type, const std::string& content) {
        const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                             &archive_entry_free);
        archive_entry_set_pathname(entry.get(), path.c_str());
        archive_entry_set_filetype(entry.get(), type);
        archive_entry_set_perm(entry.get(), 0755);
        if (type == AE_IFLNK)
            archive_entry_set_symlink(entry.get(), content.c_str());
        else
            archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
        check(archive_write_header(writer_.get(), entry.get()));
        if (type == AE_IFREG && !content.empty())
            archive_write_data(writer_.get(), content.data(), content.size());
    }

    std::string finish() {
        check(archive_write_close(writer_.get()));
        return bytes_;
    }

  private:
    static la_ssize_t append(archive* /*writer*/, void* self, const void* data, std::size_t size) {
        static_cast<std::string*>(self)->append(static_cast<const char*>(data), size);
        return static_cast<la_ssize_t>(size);
    }

    void check(int status) {
        if (status != ARCHIVE_OK)
            throw std::runtime_error(archive_error_string(writer_.get()));
    }

    std::string bytes_;
    std::unique_ptr<archive, int (*)(archive*)> writer_;
};

} // namespace

void make_deb(const std::filesystem::path& file, const std::map<std::string, std::string>& files,
              const std::map<std::string, std::string>& links) {
    Writer data("ustar", true);
    for (const auto& [path, content] : files)
        data.add(path, AE_IFREG, content);
    for (const auto& [path, target] : links)
        data.add(path, AE_IFLNK, target);
    Writer deb("arbsd", false);
    deb.add("debian-binary", AE_IFREG, "2.0\n");
    deb.add("control.tar", AE_IFREG, "");
    deb.add("data.tar.xz", AE_IFREG, data.finish());
    std::ofstream(file, std::ios::binary) << deb.finish();
}

std::string compress_xz(const std::string& bytes) {
    Writer writer("raw", true);
    writer.add("data", AE_IFREG, bytes);
    return writer.finish();
}

} // namespace nflab::test
