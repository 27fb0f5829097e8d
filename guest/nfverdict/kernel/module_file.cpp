// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/module_file.hpp"

#include "guest/probesite/resolve.hpp"
#include "harness/base/error.hpp"
#include "harness/process/command.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace nflab::nfverdict {
namespace {

namespace fs = std::filesystem;

// struct elf64_note and the name "GNU\0"
constexpr std::size_t note_header = 16;

fs::path sysfs(const std::string& module) {
    return fs::path("/sys/module") / module;
}

std::vector<std::uint8_t> read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::error_code error;
    const auto size = fs::file_size(path, error);
    std::vector<std::uint8_t> bytes(error ? 0 : size);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return bytes;
}

struct Compression {
    const char* suffix;
    const char* program; ///< nullptr: none
};
constexpr std::array<Compression, 4> compressions{
    {{".ko", nullptr}, {".ko.xz", "xz"}, {".ko.zst", "zstd"}, {".ko.gz", "gzip"}}};

} // namespace

bool is_loaded(const std::string& module) {
    return fs::exists(sysfs(module));
}

void load_module(const std::string& module) {
    if (!is_loaded(module) && !find_program("modprobe").empty())
        run({.argv = {"modprobe", "-q", module}});
}

std::string running_build_id(const std::string& module) {
    const auto note = read_file(sysfs(module) / "notes/.note.gnu.build-id");
    std::string id;
    for (std::size_t i = note_header; i < note.size(); ++i)
        id += fmt::format("{:02x}", note[i]);
    return id;
}

std::vector<std::uint8_t> read_module(const Module& module) {
    utsname kernel{};
    ::uname(&kernel);
    const fs::path base = fs::path("/lib/modules") / kernel.release / "kernel" / module.relative;
    for (const auto& [suffix, program] : compressions) {
        const fs::path path = base.string() + suffix;
        if (!fs::exists(path))
            continue;
        std::vector<std::uint8_t> bytes;
        if (program) {
            const std::string text = output_of({.argv = {program, "-dc", path.string()}});
            bytes.assign(text.begin(), text.end());
        } else {
            bytes = read_file(path);
        }
        const std::string file_id = probesite::build_id(bytes);
        const std::string running_id = running_build_id(module.name);
        if (file_id.empty() || file_id != running_id)
            throw Error(Failure::lab,
                        fmt::format("{} is not the file of the module that runs: its build id is "
                                    "{}, the running one's {}",
                                    path.string(), file_id.empty() ? "missing" : file_id,
                                    running_id.empty() ? "not known" : running_id));
        return bytes;
    }
    throw Error(Failure::lab,
                fmt::format("there is no {}.ko, .ko.xz, .ko.zst or .ko.gz to find the "
                            "probe sites of {} in",
                            base.string(), module.name));
}

} // namespace nflab::nfverdict
