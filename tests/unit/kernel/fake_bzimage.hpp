// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace nflab::test {

/// The least that makes a bzImage (Documentation/arch/x86/boot.rst): header, version, payload.
inline std::string fake_bzimage(const std::string& release, const std::string& payload) {
    constexpr std::size_t setup_sectors = 3;
    constexpr std::size_t payload_offset = 16;
    std::string image((setup_sectors + 1) * 512, '\0');
    const auto put = [&](std::size_t at, std::size_t size, std::uint64_t value) {
        for (std::size_t i = 0; i < size; ++i)
            image[at + i] = static_cast<char>(value >> (8 * i) & 0xff);
    };
    put(0x1f1, 1, setup_sectors);
    image.replace(0x202, 4, "HdrS");
    put(0x206, 2, 0x020f);
    put(0x20e, 2, 0x100); // the version string is at 0x300
    const std::string version = release + " (me) #1";
    image.replace(0x300, version.size(), version);
    put(0x248, 4, payload_offset);
    put(0x24c, 4, payload.size());
    return image + std::string(payload_offset, '\x90') + payload;
}

} // namespace nflab::test
