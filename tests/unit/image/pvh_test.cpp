// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/pvh.hpp"
#include "tests/catch.hpp"
#include "tests/unit/kernel/fake_bzimage.hpp"
#include "tests/unit/kernel/make_deb.hpp"

#include <elf.h>

#include <cstdint>
#include <cstring>

using namespace nflab;

namespace {

/// An ELF file whose only segment is a note.
std::string vmlinux(const char* owner, std::uint32_t type) {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_machine = EM_X86_64;
    header.e_phoff = sizeof(header);
    header.e_phnum = 1;
    Elf64_Phdr segment{};
    segment.p_type = PT_NOTE;
    segment.p_offset = sizeof(header) + sizeof(segment);
    Elf64_Nhdr note{4, 8, type};
    std::string file(reinterpret_cast<const char*>(&header), sizeof(header));
    std::string body(reinterpret_cast<const char*>(&note), sizeof(note));
    body += std::string(owner, 4) + std::string(8, '\1');
    segment.p_filesz = body.size();
    file.append(reinterpret_cast<const char*>(&segment), sizeof(segment));
    return file + body;
}

/// As the kernel's build does it: the uncompressed size is appended to the stream.
std::string xz_payload(const std::string& kernel) {
    return test::compress_xz(kernel) + std::string("\x10\x20\x30\x40", 4);
}

} // namespace

TEST_CASE("a kernel with a PVH entry is taken out of its bzImage") {
    const std::string kernel = vmlinux("Xen", 18);
    CHECK(image::has_pvh_entry(kernel));
    const auto found = image::pvh_vmlinux(test::fake_bzimage("6.12.1", xz_payload(kernel)));
    REQUIRE(found);
    CHECK(*found == kernel);
}

TEST_CASE("without the entry note the bzImage is booted") {
    CHECK_FALSE(image::has_pvh_entry(vmlinux("Xen", 17)));
    CHECK_FALSE(image::has_pvh_entry(vmlinux("GNU", 18)));
    CHECK_FALSE(image::pvh_vmlinux(test::fake_bzimage("6", xz_payload(vmlinux("Xen", 17)))));
}

TEST_CASE("damaged kernels are not decompressed half") {
    std::string payload = xz_payload(vmlinux("Xen", 18));
    CHECK_FALSE(image::pvh_vmlinux(test::fake_bzimage("6", payload.substr(0, 60))));
    CHECK_FALSE(image::pvh_vmlinux(test::fake_bzimage("6", "")));
    CHECK_FALSE(image::pvh_vmlinux("no bzImage"));
    const std::string kernel = vmlinux("Xen", 18);
    for (std::size_t size = 0; size < sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr); ++size)
        CHECK_FALSE(image::has_pvh_entry(kernel.substr(0, size)));
}
