// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/bzimage.hpp"

#include <cstddef>
#include <cstdint>

namespace nflab::kernel {

namespace {

// Offsets of the setup header, Documentation/arch/x86/boot.rst.
constexpr std::size_t setup_sects = 0x1f1;
constexpr std::size_t magic = 0x202; // "HdrS"
constexpr std::size_t protocol = 0x206;
constexpr std::size_t kernel_version = 0x20e;
constexpr std::size_t payload_offset = 0x248;
constexpr std::size_t payload_length = 0x24c;
constexpr std::size_t header_end = 0x250;
constexpr std::size_t sector = 512;

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;)
        value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
    return value;
}

} // namespace

bool is_bzimage(std::string_view image) {
    return image.size() >= header_end && image.substr(magic, 4) == "HdrS" &&
           little_endian(image, protocol, 2) >= 0x0208;
}

std::string bzimage_release(std::string_view image) {
    if (!is_bzimage(image))
        return {};
    const std::uint64_t offset = little_endian(image, kernel_version, 2);
    // The pointer is relative to the header's start at 0x200; 0 says that there is no string.
    if (offset == 0 || offset + 0x200 >= image.size())
        return {};
    const std::string_view text = image.substr(offset + 0x200, 256);
    return std::string(text.substr(0, text.find_first_of(std::string_view(" \0", 2))));
}

std::string_view bzimage_payload(std::string_view image) {
    if (!is_bzimage(image))
        return {};
    std::uint64_t sectors = little_endian(image, setup_sects, 1);
    if (sectors == 0) // "for backwards compatibility, if the setup_sects field contains 0, …"
        sectors = 4;
    const std::uint64_t begin = (sectors + 1) * sector + little_endian(image, payload_offset, 4);
    const std::uint64_t length = little_endian(image, payload_length, 4);
    if (begin >= image.size() || length > image.size() - begin)
        return {};
    return image.substr(begin, length);
}

} // namespace nflab::kernel
