// SPDX-License-Identifier: GPL-2.0-or-later
// No bytes whatever may crash the resolver, make it loop, or make it throw. What it answers to
// damaged modules does not matter here; the sanitizers of the asan preset look on.
#include "guest/probesite/resolve.hpp"
#include "tests/catch.hpp"
#include "tests/unit/probesite/fixture.hpp"

#include <chrono>
#include <random>

namespace nflab::probesite {

namespace {

struct Victim {
    std::string release;
    std::string module;
    std::string function; ///< empty: nft
};

const std::vector<Victim> victims{
    {"5.10.0-46-cloud-amd64", "nf_tables", ""},
    {"7.2.13+deb14-cloud-amd64", "nf_tables", ""},
    {"6.12.117+deb12-cloud-amd64", "ip_tables", "ipt_do_table"},
    {"6.18.15+deb13-cloud-amd64", "ip6_tables", "ip6t_do_table"},
};

bool survives(const Bytes& bytes, const Victim& victim) {
    const auto start = std::chrono::steady_clock::now();
    if (victim.function.empty()) {
        (void)resolve_nft(bytes);
    } else {
        (void)resolve_ipt(bytes, victim.function);
    }
    (void)build_id(bytes);
    return std::chrono::steady_clock::now() - start < std::chrono::seconds(10);
}

/// Where the module has bytes worth damaging: most of a trimmed one is zeros.
std::vector<std::size_t> interesting(const Bytes& bytes) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] != 0) {
            places.push_back(i);
        }
    }
    return places;
}

} // namespace

TEST_CASE("no input at all, and input that is no module, is refused") {
    for (const auto& bytes : {Bytes{}, Bytes(3, 0x7f), Bytes(4096, 0), Bytes(4096, 0xff)}) {
        const auto nft = resolve_nft(bytes);
        REQUIRE(std::holds_alternative<Refusal>(nft));
        CHECK_FALSE(std::get<Refusal>(nft).reason.empty());
        CHECK(std::holds_alternative<Refusal>(resolve_ipt(bytes, "ipt_do_table")));
        CHECK(build_id(bytes).empty());
    }
}

TEST_CASE("truncated modules are refused") {
    for (const auto& victim : victims) {
        INFO(victim.release << " " << victim.module);
        const auto whole = load_module(victim.release, victim.module);
        for (std::size_t size = 0; size < whole.size(); size += whole.size() / 97 + 1) {
            const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
            CHECK(survives(part, victim));
        }
        const Bytes most(whole.begin(), whole.end() - 1);
        CHECK(survives(most, victim));
    }
}

TEST_CASE("modules with flipped bytes do no harm") {
    std::mt19937 random(20240229); // the same damage every time, so that a failure can be replayed
    for (const auto& victim : victims) {
        const auto whole = load_module(victim.release, victim.module);
        const auto places = interesting(whole);
        for (int round = 0; round < 120; ++round) {
            INFO(victim.release << " " << victim.module << " round " << round);
            auto damaged = whole;
            const auto flips = 1 + random() % 8;
            for (unsigned i = 0; i < flips; ++i) {
                damaged[places[random() % places.size()]] = static_cast<std::uint8_t>(random());
            }
            CHECK(survives(damaged, victim));
        }
    }
}

TEST_CASE("damaged headers and tables do no harm") {
    std::mt19937 random(7);
    for (const auto& victim : victims) {
        const auto whole = load_module(victim.release, victim.module);
        constexpr std::size_t header = 64;
        constexpr std::size_t tail = 1200; // the section headers, which trimming puts last
        for (int round = 0; round < 120; ++round) {
            INFO(victim.release << " " << victim.module << " round " << round);
            auto damaged = whole;
            const bool first = random() % 2 == 0;
            const auto at = first ? random() % header : damaged.size() - 1 - random() % tail;
            damaged[at] = static_cast<std::uint8_t>(random());
            CHECK(survives(damaged, victim));
        }
    }
}

} // namespace nflab::probesite
