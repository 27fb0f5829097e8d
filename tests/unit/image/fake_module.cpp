// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/image/fake_module.hpp"

#include <elf.h>

#include <cstring>

namespace nflab::test {

namespace {

template <typename T>
void append(std::string& to, const T& value) {
    to.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

} // namespace

std::string fake_module(const std::vector<std::string>& modinfo) {
    std::string info;
    for (const std::string& line : modinfo)
        info += line + '\0';
    const std::string names("\0.modinfo\0.shstrtab\0", 20);
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_machine = EM_X86_64;
    header.e_shnum = 3;
    header.e_shstrndx = 2;
    header.e_shoff = sizeof(header) + info.size() + names.size();
    Elf64_Shdr info_section{};
    info_section.sh_name = 1;
    info_section.sh_offset = sizeof(header);
    info_section.sh_size = info.size();
    Elf64_Shdr names_section{};
    names_section.sh_name = 10;
    names_section.sh_offset = sizeof(header) + info.size();
    names_section.sh_size = names.size();
    std::string file;
    append(file, header);
    file += info + names;
    append(file, Elf64_Shdr{});
    append(file, info_section);
    append(file, names_section);
    return file;
}

std::string fake_signature(std::size_t length) {
    std::string signature(length, 's');
    std::string header(12, '\0');
    header[10] = static_cast<char>(length >> 8);
    header[11] = static_cast<char>(length & 0xff);
    return signature + header + "~Module signature appended~\n";
}

} // namespace nflab::test
