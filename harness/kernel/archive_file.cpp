// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/archive_file.hpp"

#include "harness/base/error.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>

namespace nflab::kernel {
namespace fs = std::filesystem;

namespace {

struct CloseArchive {
    void operator()(archive* handle) const { archive_read_free(handle); }
};
using Reader = std::unique_ptr<archive, CloseArchive>;

Reader new_reader() {
    Reader reader(archive_read_new());
    archive_read_support_filter_all(reader.get());
    return reader;
}

[[noreturn]] void fail(archive* handle) {
    const char* message = archive_error_string(handle);
    throw std::runtime_error(message ? message : "damaged");
}

/// Lets one archive be read out of an entry of another: data.tar.* inside a .deb.
struct Nested {
    archive* outer;
    std::array<char, 65536> buffer{};

    static la_ssize_t read(archive* /*inner*/, void* self, const void** block) {
        auto* nested = static_cast<Nested*>(self);
        *block = nested->buffer.data();
        return archive_read_data(nested->outer, nested->buffer.data(), nested->buffer.size());
    }
};

void write_data(archive* reader, const fs::path& file, mode_t mode) {
    const std::unique_ptr<FILE, int (*)(FILE*)> out(std::fopen(file.c_str(), "we"), &std::fclose);
    if (!out)
        throw Error(Failure::lab, fmt::format("cannot write {}", file.string()));
    std::array<char, 65536> buffer{};
    la_ssize_t size = 0;
    while ((size = archive_read_data(reader, buffer.data(), buffer.size())) > 0) {
        if (std::fwrite(buffer.data(), 1, static_cast<std::size_t>(size), out.get()) !=
            static_cast<std::size_t>(size))
            throw Error(Failure::lab, fmt::format("cannot write {}", file.string()),
                        "is the disk full?");
    }
    if (size < 0)
        fail(reader);
    if (std::fflush(out.get()) != 0)
        throw Error(Failure::lab, fmt::format("cannot write {}", file.string()),
                    "is the disk full?");
    ::fchmod(::fileno(out.get()), (mode & 07777) | 0600);
}

std::string read_data(archive* reader) {
    std::string result;
    std::array<char, 65536> buffer{};
    la_ssize_t size = 0;
    while ((size = archive_read_data(reader, buffer.data(), buffer.size())) > 0)
        result.append(buffer.data(), static_cast<std::size_t>(size));
    if (size < 0)
        fail(reader);
    return result;
}

std::string clean(const char* name) {
    const std::string path = fs::path(name ? name : "").lexically_normal().relative_path().string();
    if (path == ".." || path.rfind("../", 0) == 0)
        throw std::runtime_error("a path in it leads out of it: " + path);
    return path;
}

void unpack_entry(archive* reader, archive_entry* entry, const fs::path& destination,
                  const PathMap& map) {
    const std::string name = clean(archive_entry_pathname(entry));
    const auto mapped = name.empty() || name == "." ? std::nullopt : map(name);
    if (!mapped)
        return;
    const fs::path target = destination / *mapped;
    if (archive_entry_filetype(entry) == AE_IFDIR) {
        fs::create_directories(target);
        return;
    }
    fs::create_directories(target.parent_path());
    fs::remove(target);
    if (const char* link = archive_entry_hardlink(entry)) {
        if (const auto original = map(clean(link)))
            fs::create_hard_link(destination / *original, target);
    } else if (archive_entry_filetype(entry) == AE_IFLNK) {
        fs::create_symlink(archive_entry_symlink(entry), target);
    } else if (archive_entry_filetype(entry) == AE_IFREG) {
        write_data(reader, target, archive_entry_perm(entry));
    }
}

/// Gets each entry; false: no more are wanted.
using Visit = std::function<bool(archive*, archive_entry*)>;

void read_entries(archive* reader, const Visit& visit) {
    archive_entry* entry = nullptr;
    int status = 0;
    while ((status = archive_read_next_header(reader, &entry)) == ARCHIVE_OK ||
           status == ARCHIVE_WARN) {
        if (!visit(reader, entry))
            return;
    }
    if (status != ARCHIVE_EOF)
        fail(reader);
}

void read_deb(archive* outer, const Visit& visit) {
    archive_entry* entry = nullptr;
    while (archive_read_next_header(outer, &entry) == ARCHIVE_OK) {
        if (std::string(archive_entry_pathname(entry)).rfind("data.tar", 0) != 0)
            continue;
        const Reader inner = new_reader();
        archive_read_support_format_tar(inner.get());
        Nested nested{outer};
        if (archive_read_open(inner.get(), &nested, nullptr, &Nested::read, nullptr) != ARCHIVE_OK)
            fail(inner.get());
        read_entries(inner.get(), visit);
        return;
    }
    throw std::runtime_error("it holds no data.tar");
}

bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
}

void read_package(const fs::path& package, const Visit& visit) {
    try {
        const Reader reader = new_reader();
        archive_read_support_format_ar(reader.get());
        archive_read_support_format_cpio(reader.get());
        if (archive_read_open_filename(reader.get(), package.c_str(), 65536) != ARCHIVE_OK)
            fail(reader.get());
        if (ends_with(package.string(), ".rpm"))
            read_entries(reader.get(), visit);
        else
            read_deb(reader.get(), visit);
    } catch (const fs::filesystem_error& error) {
        throw Error(Failure::lab,
                    fmt::format("cannot unpack {}: {}", package.string(), error.what()));
    } catch (const Error&) {
        throw;
    } catch (const std::runtime_error& error) {
        throw Error(Failure::bad_input, fmt::format("{} is not a readable package: {}",
                                                    package.string(), error.what()));
    }
}

} // namespace

bool is_package_name(const fs::path& file) {
    return ends_with(file.string(), ".deb") || ends_with(file.string(), ".rpm");
}

void unpack_package(const fs::path& package, const fs::path& destination, const PathMap& map) {
    read_package(package, [&](archive* reader, archive_entry* entry) {
        unpack_entry(reader, entry, destination, map);
        return true;
    });
}

std::map<std::string, std::string> read_files(const fs::path& package,
                                              const std::function<bool(const std::string&)>& wanted,
                                              std::size_t most) {
    std::map<std::string, std::string> files;
    read_package(package, [&](archive* reader, archive_entry* entry) {
        const std::string name = clean(archive_entry_pathname(entry));
        if (archive_entry_filetype(entry) == AE_IFREG && wanted(name))
            files.emplace(name, read_data(reader));
        return files.size() < most;
    });
    return files;
}

std::string decompress(std::string_view bytes) {
    const Reader reader = new_reader();
    archive_read_support_format_raw(reader.get());
    archive_entry* entry = nullptr;
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK ||
        archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK)
        fail(reader.get());
    return read_data(reader.get());
}

std::string compress(std::string_view bytes) {
    struct FreeWriter {
        void operator()(archive* handle) const { archive_write_free(handle); }
    };
    struct FreeEntry {
        void operator()(archive_entry* handle) const { archive_entry_free(handle); }
    };
    const std::unique_ptr<archive, FreeWriter> writer(archive_write_new());
    const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    std::string result(bytes.size() + bytes.size() / 128 + 65536, '\0');
    std::size_t used = 0;
    if (archive_write_set_format_raw(writer.get()) != ARCHIVE_OK ||
        archive_write_add_filter_zstd(writer.get()) != ARCHIVE_OK ||
        archive_write_open_memory(writer.get(), result.data(), result.size(), &used) !=
            ARCHIVE_OK ||
        archive_write_header(writer.get(), entry.get()) != ARCHIVE_OK ||
        archive_write_data(writer.get(), bytes.data(), bytes.size()) < 0 ||
        archive_write_close(writer.get()) != ARCHIVE_OK)
        fail(writer.get());
    result.resize(used);
    return result;
}

} // namespace nflab::kernel
