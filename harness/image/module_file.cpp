// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/module_file.hpp"

#include "harness/image/read_bytes.hpp"

#include <elf.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <sstream>

namespace nflab::image {

namespace {

std::string_view section(std::string_view file, std::string_view wanted) {
    Elf64_Ehdr header{};
    if (!read(file, 0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != ELFCLASS64)
        return {};
    const auto load = [&](unsigned index, Elf64_Shdr& into) {
        return read(file, header.e_shoff + std::uint64_t{index} * sizeof(into), into) &&
               into.sh_offset <= file.size() && into.sh_size <= file.size() - into.sh_offset;
    };
    Elf64_Shdr names{};
    if (!load(header.e_shstrndx, names))
        return {};
    const std::string_view strings = file.substr(names.sh_offset, names.sh_size);
    for (unsigned index = 0; index < header.e_shnum; ++index) {
        Elf64_Shdr candidate{};
        if (!load(index, candidate) || candidate.sh_name >= strings.size())
            continue;
        const std::string_view name = strings.substr(candidate.sh_name);
        if (name.substr(0, name.find('\0')) == wanted)
            return file.substr(candidate.sh_offset, candidate.sh_size);
    }
    return {};
}

void add_names(std::vector<std::string>& names, std::string_view list, char separator) {
    std::istringstream words{std::string(list)};
    for (std::string word; std::getline(words, word, separator);) {
        std::replace(word.begin(), word.end(), '-', '_');
        if (!word.empty() && word.back() != ':') // "pre:" and "post:" of a softdep
            names.push_back(word);
    }
}

} // namespace

ModuleNeeds module_needs(std::string_view file) {
    ModuleNeeds needs;
    std::string_view info = section(file, ".modinfo");
    while (!info.empty()) {
        const std::size_t end = std::min(info.find('\0'), info.size());
        const std::string_view line = info.substr(0, end);
        if (line.substr(0, 8) == "depends=")
            add_names(needs.depends, line.substr(8), ',');
        else if (line.substr(0, 8) == "softdep=")
            add_names(needs.soft, line.substr(8), ' ');
        else if (line.substr(0, 6) == "alias=")
            add_names(needs.aliases, line.substr(6), ' ');
        info.remove_prefix(std::min(end + 1, info.size()));
    }
    return needs;
}

std::string_view without_signature(std::string_view file) {
    constexpr std::string_view marker = "~Module signature appended~\n";
    constexpr std::size_t header = 12;
    if (file.size() < marker.size() + header || file.substr(file.size() - marker.size()) != marker)
        return file;
    const std::string_view signature = file.substr(file.size() - marker.size() - header, header);
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(signature[at]); };
    // u8 algo, hash, id_type, signer_len, key_id_len, pad[3]; be32 sig_len
    const std::size_t length = std::size_t{byte(8)} << 24 | std::size_t{byte(9)} << 16 |
                               std::size_t{byte(10)} << 8 | byte(11);
    const std::size_t total = marker.size() + header + length + byte(3) + byte(4);
    return total <= file.size() ? file.substr(0, file.size() - total) : file;
}

} // namespace nflab::image
