// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/probesite/fixture.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

namespace nflab::probesite {

namespace {

const std::filesystem::path fixtures =
    std::filesystem::path(NFLAB_SOURCE_DIR) / "tests/unit/probesite/modules";

Bytes decompress(const std::filesystem::path& path) {
    const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(),
                                                                        archive_read_free);
    archive_read_support_filter_xz(reader.get());
    archive_read_support_format_raw(reader.get());
    archive_entry* entry = nullptr;
    constexpr std::size_t block = 65536;
    if (archive_read_open_filename(reader.get(), path.c_str(), block) != ARCHIVE_OK ||
        archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) {
        throw std::runtime_error(
            fmt::format("{}: {}", path.string(), archive_error_string(reader.get())));
    }
    Bytes bytes;
    std::array<std::uint8_t, block> buffer{};
    la_ssize_t got = 0;
    while ((got = archive_read_data(reader.get(), buffer.data(), buffer.size())) > 0) {
        bytes.insert(bytes.end(), buffer.begin(), buffer.begin() + got);
    }
    return bytes;
}

} // namespace

Bytes load_module(const std::string& release, const std::string& name) {
    if (const char* whole = std::getenv("NFLAB_TEST_MODULES")) {
        std::ifstream file(std::filesystem::path(whole) / release / (name + ".ko"),
                           std::ios::binary);
        if (file) {
            return {std::istreambuf_iterator<char>(file), {}};
        }
    }
    return decompress(fixtures / release / (name + ".ko.xz"));
}

std::vector<std::string> fixture_releases() {
    std::vector<std::string> releases;
    for (const auto& entry : std::filesystem::directory_iterator(fixtures)) {
        if (entry.is_directory()) {
            releases.push_back(entry.path().filename().string());
        }
    }
    std::sort(releases.begin(), releases.end());
    return releases;
}

std::string show(const Location& location) {
    constexpr std::array names{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                               "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    if (location.kind == Location::Kind::reg) {
        return names.at(static_cast<std::size_t>(location.reg));
    }
    return fmt::format("[rsp+{:#x}]", location.offset);
}

std::string show(const ProbePoint& point) {
    return fmt::format("{}+{:#x}", point.symbol, point.offset);
}

} // namespace nflab::probesite
