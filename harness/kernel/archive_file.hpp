// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

/// Reading of .deb, .rpm and single compressed files, through libarchive.
namespace nflab::kernel {

/// Where a path of the package ("./boot/vmlinuz-6.1", without the "./") shall go, relative to the
/// destination; nothing: it is left out.
using PathMap = std::function<std::optional<std::filesystem::path>(const std::string&)>;

/// Unpacks files, directories, symbolic and hard links of a .deb or .rpm below `destination`.
/// Owners, times and device nodes are not taken over; a directory that is already there, even as a
/// symbolic link, is kept. Throws Error(bad_input) when it is no such package or is damaged.
void unpack_package(const std::filesystem::path& package, const std::filesystem::path& destination,
                    const PathMap& map);

/// The contents of the regular files of a .deb or .rpm whose path (without "./") `wanted` accepts,
/// by path. Reads as a stream, and no further than to the `most`th of them. Throws Error(bad_input)
/// when it is no such package or is damaged.
std::map<std::string, std::string> read_files(const std::filesystem::path& package,
                                              const std::function<bool(const std::string&)>& wanted,
                                              std::size_t most);

/// Whether the name ends like a package that unpack_package() reads.
bool is_package_name(const std::filesystem::path& file);

/// A gzip, xz, zstd, lz4, lzma or bzip2 stream, found by its magic; other bytes as they are. Throws
/// std::runtime_error when the stream is damaged.
std::string decompress(std::string_view bytes);

/// The bytes as a zstd stream, which decompress() reads.
std::string compress(std::string_view bytes);

} // namespace nflab::kernel
