// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/cpio.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/sysmacros.h>

#include <memory>
#include <stdexcept>

namespace nflab::image {

struct CpioWriter::Output {
    archive* writer = archive_write_new();
    std::string bytes;
    long long inode = 0;

    static la_ssize_t append(archive* /*writer*/, void* self, const void* data, std::size_t size) {
        static_cast<Output*>(self)->bytes.append(static_cast<const char*>(data), size);
        return static_cast<la_ssize_t>(size);
    }

    void check(int status) const {
        if (status != ARCHIVE_OK)
            throw std::runtime_error(archive_error_string(writer));
    }

    void add(const std::string& path, unsigned type, unsigned mode, std::string_view content,
             dev_t device) {
        const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                             &archive_entry_free);
        archive_entry_set_pathname(entry.get(), path.c_str());
        archive_entry_set_filetype(entry.get(), type);
        archive_entry_set_perm(entry.get(), mode);
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
        archive_entry_set_mtime(entry.get(), 0, 0);
        archive_entry_set_ino(entry.get(), ++inode);
        archive_entry_set_nlink(entry.get(), 1);
        if (type == AE_IFCHR)
            archive_entry_set_rdev(entry.get(), device);
        check(archive_write_header(writer, entry.get()));
        if (!content.empty() && archive_write_data(writer, content.data(), content.size()) < 0)
            throw std::runtime_error(archive_error_string(writer));
    }
};

CpioWriter::CpioWriter() : output_(std::make_unique<Output>()) {
    output_->check(archive_write_set_format_cpio_newc(output_->writer));
    output_->check(archive_write_add_filter_none(output_->writer));
    // Without padding to whole blocks: archives are concatenated.
    output_->check(archive_write_set_bytes_in_last_block(output_->writer, 1));
    output_->check(
        archive_write_open(output_->writer, output_.get(), nullptr, &Output::append, nullptr));
}

CpioWriter::~CpioWriter() {
    archive_write_free(output_->writer);
}

void CpioWriter::directory(const std::string& path, unsigned mode) {
    output_->add(path, AE_IFDIR, mode, {}, 0);
}

void CpioWriter::file(const std::string& path, std::string_view content, unsigned mode) {
    output_->add(path, AE_IFREG, mode, content, 0);
}

void CpioWriter::character_device(const std::string& path, unsigned major, unsigned minor,
                                  unsigned mode) {
    output_->add(path, AE_IFCHR, mode, {}, makedev(major, minor));
}

std::string CpioWriter::finish() {
    output_->check(archive_write_close(output_->writer));
    // The kernel wants each archive of a chain at a multiple of four bytes.
    std::string bytes = std::move(output_->bytes);
    bytes.resize((bytes.size() + 3) & ~std::size_t{3});
    return bytes;
}

} // namespace nflab::image
