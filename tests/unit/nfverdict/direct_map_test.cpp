// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/direct_map.hpp"
#include "tests/catch.hpp"

#include <elf.h>

#include <cstring>
#include <vector>

using namespace nflab::nfverdict;

namespace {

constexpr std::uint64_t none = ~std::uint64_t{0};

struct Segment {
    std::uint64_t address, physical, size;
};

// As a 6.1 and a 7.3 kernel with 160 MiB have it, but for the addresses' random part.
const std::vector<Segment> usual{
    {0xffffffff81000000, 0x1000000, 0x222c000}, {0xffffc90000000000, none, 0x1fffffffffff},
    {0xffffffffc0000000, none, 0x3f000000},     {0xffff8a8000001000, 0x1000, 0x9e000},
    {0xffffeb4000000000, none, 0x3000},         {0xffff8a8000100000, 0x100000, 0x9efd000},
    {0xffffeb4000004000, none, 0x27c000}};

std::vector<std::uint8_t> kcore(const std::vector<Segment>& segments) {
    Elf64_Ehdr head{};
    std::memcpy(head.e_ident, ELFMAG, SELFMAG);
    head.e_phoff = sizeof(head);
    head.e_phnum = static_cast<Elf64_Half>(segments.size() + 1);
    std::vector<std::uint8_t> out;
    const auto append = [&](const void* from, std::size_t size) {
        const auto* bytes = static_cast<const std::uint8_t*>(from);
        out.insert(out.end(), bytes, bytes + size);
    };
    append(&head, sizeof(head));
    Elf64_Phdr note{};
    note.p_type = PT_NOTE;
    append(&note, sizeof(note));
    for (const Segment& each : segments) {
        Elf64_Phdr segment{};
        segment.p_type = PT_LOAD;
        segment.p_vaddr = each.address;
        segment.p_paddr = each.physical;
        segment.p_memsz = each.size;
        append(&segment, sizeof(segment));
    }
    return out;
}

} // namespace

TEST_CASE("memory and its pages are where the kernel's own core file has them") {
    CHECK(find_direct_map(kcore(usual), 64) == DirectMap{0xffff8a8000000000, 0xffffeb4000000000});
}

TEST_CASE("two ranges of memory may have one segment of pages") {
    std::vector<Segment> segments = usual;
    segments.erase(segments.begin() + 4);
    CHECK(find_direct_map(kcore(segments), 64) ==
          DirectMap{0xffff8a8000000000, 0xffffeb4000000000});
}

TEST_CASE("segments that do not fit each other tell nothing") {
    std::vector<Segment> moved = usual;
    moved[6].address += 0x1000;
    CHECK_FALSE(find_direct_map(kcore(moved), 64));
    CHECK_FALSE(find_direct_map(kcore(usual), 128));
    std::vector<Segment> large = usual;
    large[4].size = 0x1fffffffffff;
    CHECK_FALSE(find_direct_map(kcore(large), 64));
    CHECK_FALSE(find_direct_map({}, 64));
    std::vector<std::uint8_t> cut = kcore(usual);
    cut.resize(200);
    CHECK_FALSE(find_direct_map(cut, 64));
}
