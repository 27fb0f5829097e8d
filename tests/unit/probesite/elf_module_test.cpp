// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/elf_module.hpp"
#include "guest/probesite/jump_table.hpp"
#include "guest/probesite/refused.hpp"
#include "guest/probesite/resolve.hpp"
#include "tests/catch.hpp"
#include "tests/unit/probesite/fixture.hpp"

namespace nflab::probesite {

TEST_CASE("a module's build-id is read from its note") {
    CHECK(build_id(load_module("6.12.117+deb12-cloud-amd64", "nf_tables")) ==
          "0484cfea9d239362f3507c32db2772e9d80b0f2f");
    CHECK(build_id(load_module("5.10.0-46-cloud-amd64", "ip_tables")) ==
          "2389ec82e02820eff145e2cee244297566322fb0");
}

TEST_CASE("symbols, relocations and the jump table are read as readelf shows them") {
    const auto bytes = load_module("6.12.117+deb12-cloud-amd64", "nf_tables");
    const ElfModule module(bytes);
    const auto text = module.find_section(".text");
    REQUIRE(text);
    CHECK(module.function_at({*text, 0xf0}) == "nft_do_chain");
    CHECK(module.function_at({*text, 0xf1}).empty());

    const auto* call = module.relocation_at({*text, 0xf5});
    REQUIRE(call);
    REQUIRE(module.symbol(call->symbol));
    CHECK(module.symbol(call->symbol)->name == "__fentry__");
    CHECK(call->addend == -4);
    CHECK(module.relocation_at({*text, 0xf6}) == nullptr);

    const auto sites = read_jump_table(module);
    const auto site = sites.find({*text, 0x25b});
    REQUIRE(site != sites.end());
    CHECK(site->second.target == Place{*text, 0x4ca});
    CHECK_FALSE(site->second.inverted);
    const auto inverted = sites.find({*text, 0x1dd});
    REQUIRE(inverted != sites.end());
    CHECK(inverted->second.inverted);
}

TEST_CASE("what is not a module is refused with what would be right") {
    Bytes bytes = load_module("6.12.117+deb12-cloud-amd64", "ip_tables");
    bytes[18] = 0xb7; // e_machine: EM_AARCH64
    try {
        const ElfModule module(bytes);
        FAIL("an ARM module was taken for one of x86-64");
    } catch (const Refused& refused) {
        CHECK(refused.refusal.reason == "not a relocatable x86-64 ELF file");
    }
}

} // namespace nflab::probesite
