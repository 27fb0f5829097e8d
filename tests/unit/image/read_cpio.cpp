// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/image/read_cpio.hpp"

#include <sys/stat.h>

#include <stdexcept>

namespace nflab::test {

namespace {

// Documentation/driver-api/early-userspace/buffer-format.rst
constexpr std::size_t header_size = 110;

unsigned field(std::string_view header, std::size_t index) {
    return static_cast<unsigned>(
        std::stoul(std::string(header.substr(6 + index * 8, 8)), nullptr, 16));
}

std::size_t aligned(std::size_t at) {
    return (at + 3) & ~std::size_t{3};
}

} // namespace

std::map<std::string, CpioEntry> read_cpio(std::string_view bytes,
                                           std::vector<std::string>* order) {
    std::map<std::string, CpioEntry> entries;
    std::size_t at = 0;
    while (at + header_size <= bytes.size()) {
        if (bytes[at] == '\0') { // between archives
            at += 4;
            continue;
        }
        const std::string_view header = bytes.substr(at, header_size);
        if (header.substr(0, 6) != "070701")
            throw std::runtime_error("no cpio header at " + std::to_string(at));
        const std::size_t size = field(header, 6);
        const std::size_t name_size = field(header, 11);
        const std::string name(bytes.substr(at + header_size, name_size - 1));
        const std::size_t data = aligned(at + header_size + name_size);
        at = aligned(data + size);
        if (name == "TRAILER!!!")
            continue;
        const unsigned mode = field(header, 1);
        entries[name] = {mode & S_IFMT, mode & 07777, std::string(bytes.substr(data, size)),
                         field(header, 9), field(header, 10)};
        if (order)
            order->push_back(name);
    }
    return entries;
}

} // namespace nflab::test
