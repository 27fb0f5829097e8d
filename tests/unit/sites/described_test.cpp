// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/sites/described.hpp"
#include "harness/sites/probed.hpp"
#include "tests/catch.hpp"
#include "tests/unit/probesite/fixture.hpp"

using namespace nflab;
using probesite::Gpr;
using probesite::Location;

TEST_CASE("places are written as an assembler writes them") {
    CHECK(sites::to_text(Location{Location::Kind::reg, Gpr::r14}) == "r14");
    CHECK(sites::to_text(Location{Location::Kind::stack, Gpr::rsp, 0x20}) == "[rsp+0x20]");
    CHECK(sites::to_text(Location{Location::Kind::stack, Gpr::rsp, -8}) == "[rsp-0x8]");
}

TEST_CASE("a probe point in another part of the function says so") {
    CHECK(sites::to_text(probesite::ProbePoint{"nft_do_chain", 0x1d5}, "nft_do_chain") == "+0x1d5");
    CHECK(sites::to_text(probesite::ProbePoint{"nft_do_chain.cold", 4}, "nft_do_chain") ==
          "nft_do_chain.cold+0x4");
}

TEST_CASE("every resolver's sites are described with a value for what a record needs") {
    for (const sites::Probed& probed : sites::all_probed()) {
        const auto bytes = probesite::load_module("6.12.117+deb12-cloud-amd64", probed.module);
        const auto answer = probed.resolve(bytes);
        INFO(probed.function);
        REQUIRE(std::holds_alternative<sites::Described>(answer));
        const auto& described = std::get<sites::Described>(answer);
        CHECK(described.build_id.size() == 40);
        CHECK_FALSE(described.checks.empty());
        REQUIRE(described.sites.size() >= 2);
        CHECK(described.sites.front().values.size() >= 2);
        for (const sites::DescribedSite& site : described.sites) {
            CHECK(site.at.symbol.rfind(probed.function, 0) == 0);
            CHECK_FALSE(site.values.empty());
        }
        CHECK(described.find(described.sites.front().name) == &described.sites.front());
        CHECK(described.find("nowhere") == nullptr);
    }
}

TEST_CASE("what is no module is refused, and names no compiler") {
    const probesite::Bytes bytes = {1, 2, 3};
    for (const sites::Probed& probed : sites::all_probed())
        CHECK(std::holds_alternative<probesite::Refusal>(probed.resolve(bytes)));
    CHECK(sites::compiler_of(bytes).empty());
}
