// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/pvh.hpp"

#include "harness/image/read_bytes.hpp"
#include "harness/kernel/archive_file.hpp"
#include "harness/kernel/bzimage.hpp"

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace nflab::image {

namespace {

constexpr std::uint32_t xen_phys32_entry = 18;

std::uint64_t aligned(std::uint64_t size) {
    return (size + 3) & ~std::uint64_t{3};
}

bool notes_have_entry(std::string_view notes) {
    std::uint64_t at = 0;
    Elf64_Nhdr note{};
    while (read(notes, at, note)) {
        const std::uint64_t name = at + sizeof(note);
        if (note.n_type == xen_phys32_entry &&
            notes.substr(name, note.n_namesz) == std::string_view("Xen\0", 4))
            return true;
        const std::uint64_t next = name + aligned(note.n_namesz) + aligned(note.n_descsz);
        if (next <= at || next > notes.size())
            return false;
        at = next;
    }
    return false;
}

} // namespace

bool has_pvh_entry(std::string_view elf) {
    Elf64_Ehdr header{};
    if (!read(elf, 0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64)
        return false;
    for (unsigned index = 0; index < header.e_phnum; ++index) {
        Elf64_Phdr segment{};
        if (!read(elf, header.e_phoff + index * sizeof(segment), segment))
            return false;
        if (segment.p_type == PT_NOTE && segment.p_offset < elf.size() &&
            notes_have_entry(elf.substr(segment.p_offset, segment.p_filesz)))
            return true;
    }
    return false;
}

std::optional<std::string> pvh_vmlinux(std::string_view bzimage) {
    std::string_view payload = kernel::bzimage_payload(bzimage);
    // Every compressor but gzip leaves the size out of its format, so the kernel's build appends it
    // (scripts/Makefile.lib, size_append).
    constexpr std::size_t size_field = 4;
    const bool gzip = payload.substr(0, 2) == "\x1f\x8b";
    if (!gzip && payload.size() > size_field)
        payload.remove_suffix(size_field);
    try {
        std::string kernel = kernel::decompress(payload);
        if (has_pvh_entry(kernel))
            return kernel;
    } catch (const std::runtime_error&) {
        // The bzImage can still decompress itself.
    }
    return {};
}

} // namespace nflab::image
