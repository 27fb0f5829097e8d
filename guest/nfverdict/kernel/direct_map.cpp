// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/direct_map.hpp"

#include <elf.h>

#include <cstring>
#include <vector>

namespace nflab::nfverdict {
namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t kernel_text = 0xffffffff80000000; // __START_KERNEL_map
constexpr Elf64_Addr no_address = ~Elf64_Addr{0};

std::vector<Elf64_Phdr> loaded_segments(std::span<const std::uint8_t> file) {
    Elf64_Ehdr head{};
    if (file.size() < sizeof(head))
        return {};
    std::memcpy(&head, file.data(), sizeof(head));
    std::vector<Elf64_Phdr> out;
    if (std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_phoff > file.size())
        return out;
    for (auto rest = file.subspan(head.e_phoff);
         head.e_phnum != 0 && rest.size() >= sizeof(Elf64_Phdr);
         --head.e_phnum, rest = rest.subspan(sizeof(Elf64_Phdr))) {
        Elf64_Phdr segment{};
        std::memcpy(&segment, rest.data(), sizeof(segment));
        if (segment.p_type == PT_LOAD)
            out.push_back(segment);
    }
    return out;
}

bool is_memory(const Elf64_Phdr& segment) {
    return segment.p_paddr != no_address && segment.p_vaddr < kernel_text;
}

} // namespace

std::optional<DirectMap> find_direct_map(std::span<const std::uint8_t> kcore,
                                         std::uint32_t page_size) {
    std::optional<DirectMap> out;
    const std::vector<Elf64_Phdr> segments = loaded_segments(kcore);
    for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
        const Elf64_Phdr& memory = segments[i];
        const Elf64_Phdr& pages = segments[i + 1];
        // Two ranges may have their pages in one segment.
        if (!is_memory(memory) || pages.p_paddr != no_address)
            continue;
        // Their segment begins and ends with whole pages.
        const std::uint64_t first = memory.p_paddr / page * page_size / page * page;
        const std::uint64_t last = (memory.p_paddr + memory.p_memsz) / page * page_size;
        if (pages.p_memsz > last + page - first)
            return {};
        const DirectMap found{memory.p_vaddr - memory.p_paddr, pages.p_vaddr - first};
        if (out && *out != found)
            return {};
        out = found;
    }
    return out;
}

} // namespace nflab::nfverdict
