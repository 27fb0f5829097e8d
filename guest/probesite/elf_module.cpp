// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/elf_module.hpp"

#include "guest/probesite/bytes.hpp"
#include "guest/probesite/refused.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>

namespace nflab::probesite {

namespace {

std::string_view string_at(std::span<const std::uint8_t> table, std::uint64_t offset) {
    if (offset >= table.size()) {
        return {};
    }
    const auto rest = table.subspan(offset);
    const auto end = std::find(rest.begin(), rest.end(), std::uint8_t{0});
    return {reinterpret_cast<const char*>(rest.data()),
            static_cast<std::size_t>(end - rest.begin())};
}

} // namespace

ElfModule::ElfModule(std::span<const std::uint8_t> file) {
    const auto header = read_at<Elf64_Ehdr>(file, 0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
        refuse("module", "not an ELF file; expected the decompressed bytes of a kernel module");
    }
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_machine != EM_X86_64 || header->e_type != ET_REL) {
        refuse("module", "not a relocatable x86-64 ELF file");
    }
    if (header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shnum == 0) {
        refuse("module", "no section table of the expected form");
    }
    std::vector<Elf64_Shdr> raw;
    for (std::uint64_t i = 0; i < header->e_shnum; ++i) {
        const auto entry = read_at<Elf64_Shdr>(file, header->e_shoff + i * sizeof(Elf64_Shdr));
        if (!entry) {
            refuse("module", "the section table runs past the end of the file");
        }
        raw.push_back(*entry);
    }
    for (const auto& entry : raw) {
        Section section;
        section.type = entry.sh_type;
        section.link = entry.sh_link;
        section.info = entry.sh_info;
        section.entry_size = entry.sh_entsize;
        if (entry.sh_type != SHT_NOBITS && entry.sh_type != SHT_NULL) {
            const auto data = part_of(file, entry.sh_offset, entry.sh_size);
            if (!data) {
                refuse("module", "a section runs past the end of the file");
            }
            section.data = *data;
        }
        sections_.push_back(section);
    }
    if (header->e_shstrndx >= sections_.size()) {
        refuse("module", "no table of section names");
    }
    for (std::size_t i = 0; i < raw.size(); ++i) {
        sections_[i].name = string_at(sections_[header->e_shstrndx].data, raw[i].sh_name);
    }
    for (const auto& section : sections_) {
        if (section.type == SHT_SYMTAB && symbols_.empty()) {
            read_symbols(section);
        }
    }
    if (symbols_.empty()) {
        refuse("module", "no symbol table");
    }
}

void ElfModule::read_symbols(const Section& table) {
    const auto* names = section(table.link);
    if (names == nullptr || table.entry_size != sizeof(Elf64_Sym)) {
        refuse("module", "a symbol table of an unexpected form");
    }
    for (std::uint64_t at = 0; at < table.data.size(); at += sizeof(Elf64_Sym)) {
        const auto raw = read_at<Elf64_Sym>(table.data, at);
        if (!raw) {
            break;
        }
        Symbol symbol;
        symbol.name = string_at(names->data, raw->st_name);
        symbol.at.section = raw->st_shndx < sections_.size() ? raw->st_shndx : 0;
        symbol.at.offset = raw->st_value;
        symbol.size = raw->st_size;
        symbol.function = ELF64_ST_TYPE(raw->st_info) == STT_FUNC && symbol.at.section != 0;
        symbols_.push_back(symbol);
        if (symbol.function) {
            functions_.emplace(symbol.at, symbol.name);
        }
    }
}

std::vector<Relocation> ElfModule::read_relocations(std::uint32_t target) const {
    std::vector<Relocation> list;
    for (const auto& section : sections_) {
        if (section.type == SHT_RELA && section.info == target) {
            read_relocations(section, list);
        }
    }
    const auto by_offset = [](const auto& a, const auto& b) { return a.offset < b.offset; };
    if (!std::is_sorted(list.begin(), list.end(), by_offset)) {
        std::stable_sort(list.begin(), list.end(), by_offset);
    }
    return list;
}

void ElfModule::read_relocations(const Section& table, std::vector<Relocation>& list) {
    if (table.entry_size != sizeof(Elf64_Rela)) {
        refuse("module", "a relocation table of an unexpected form");
    }
    for (std::uint64_t at = 0; at < table.data.size(); at += sizeof(Elf64_Rela)) {
        const auto raw = read_at<Elf64_Rela>(table.data, at);
        if (!raw) {
            break;
        }
        list.push_back({raw->r_offset, static_cast<std::uint32_t>(ELF64_R_TYPE(raw->r_info)),
                        static_cast<std::uint32_t>(ELF64_R_SYM(raw->r_info)), raw->r_addend});
    }
}

const Section* ElfModule::section(std::uint32_t index) const {
    return index < sections_.size() ? &sections_[index] : nullptr;
}

std::optional<std::uint32_t> ElfModule::find_section(std::string_view name) const {
    for (std::uint32_t i = 0; i < sections_.size(); ++i) {
        if (sections_[i].name == name) {
            return i;
        }
    }
    return std::nullopt;
}

const std::vector<Relocation>& ElfModule::relocations(std::uint32_t section) const {
    const auto known = relocations_.find(section);
    return known != relocations_.end()
               ? known->second
               : relocations_.emplace(section, read_relocations(section)).first->second;
}

const Relocation* ElfModule::relocation_at(Place field) const {
    const auto& list = relocations(field.section);
    const auto found =
        std::lower_bound(list.begin(), list.end(), field.offset,
                         [](const Relocation& r, std::uint64_t at) { return r.offset < at; });
    return found != list.end() && found->offset == field.offset ? &*found : nullptr;
}

const Symbol* ElfModule::symbol(std::uint32_t index) const {
    return index < symbols_.size() ? &symbols_[index] : nullptr;
}

std::string_view ElfModule::function_at(Place place) const {
    const auto found = functions_.find(place);
    return found == functions_.end() ? std::string_view{} : found->second;
}

std::string ElfModule::build_id() const {
    for (const auto& section : sections_) {
        if (section.type != SHT_NOTE) {
            continue;
        }
        std::uint64_t at = 0;
        while (const auto note = read_at<Elf64_Nhdr>(section.data, at)) {
            const auto padded = [](std::uint64_t size) { return (size + 3) / 4 * 4; };
            const auto name = part_of(section.data, at + sizeof(Elf64_Nhdr), note->n_namesz);
            const auto text_at = at + sizeof(Elf64_Nhdr) + padded(note->n_namesz);
            const auto text = part_of(section.data, text_at, note->n_descsz);
            if (!name || !text) {
                break;
            }
            if (note->n_type == NT_GNU_BUILD_ID && string_at(*name, 0) == ELF_NOTE_GNU) {
                std::string hex;
                for (const auto byte : *text) {
                    hex += fmt::format("{:02x}", byte);
                }
                return hex;
            }
            at = text_at + padded(note->n_descsz);
        }
    }
    return {};
}

} // namespace nflab::probesite
