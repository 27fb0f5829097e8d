// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

namespace nflab::lab {
namespace fs = std::filesystem;

std::uint64_t resident_kib(std::string_view status) {
    constexpr std::string_view key = "\nVmRSS:";
    const std::size_t at = status.find(key);
    if (at == std::string_view::npos)
        return 0;
    std::string_view rest = status.substr(at + key.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    std::uint64_t value = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), value);
    return value;
}

std::map<std::string, std::uint64_t> guest_memory(const fs::path& libvirt_root) {
    std::map<std::string, std::uint64_t> memory;
    std::error_code error;
    for (const fs::directory_entry& entry :
         fs::directory_iterator(libvirt_root / "run/qemu", error)) {
        if (entry.path().extension() != ".pid")
            continue;
        int pid = 0;
        std::ifstream(entry.path()) >> pid;
        // Not through an istreambuf_iterator: it throws when the process ends while it is read.
        const std::ifstream status(fmt::format("/proc/{}/status", pid));
        std::ostringstream text;
        text << status.rdbuf();
        if (const std::uint64_t kib = resident_kib(text.str()))
            memory[entry.path().stem().string()] = kib;
    }
    return memory;
}

} // namespace nflab::lab
