// SPDX-License-Identifier: GPL-2.0-or-later
// Real modules, changed in one place so that one assumption no longer holds. Offsets are those of
// `objdump -d`.
#include "guest/probesite/elf_module.hpp"
#include "guest/probesite/resolve.hpp"
#include "tests/catch.hpp"
#include "tests/unit/probesite/fixture.hpp"

#include <algorithm>
#include <cstring>

namespace nflab::probesite {

namespace {

/// A module whose .text and section names can be changed.
class Patient {
  public:
    explicit Patient(const std::string& release, const std::string& name = "nf_tables")
        : bytes_(load_module(release, name)) {}

    /// Overwrites code; `was` guards against a changed fixture.
    void patch(std::uint64_t offset, const Bytes& was, const Bytes& becomes) {
        const ElfModule module(bytes_);
        const auto text = module.section(module.find_section(".text").value())->data;
        REQUIRE(was.size() == becomes.size());
        REQUIRE(std::equal(was.begin(), was.end(), text.begin() + static_cast<long>(offset)));
        const auto at = text.data() - bytes_.data() + static_cast<long>(offset);
        std::copy(becomes.begin(), becomes.end(), bytes_.begin() + at);
    }

    void lose_jump_table() {
        const std::string name = "__jump_table";
        auto from = bytes_.begin();
        while ((from = std::search(from, bytes_.end(), name.begin(), name.end())) != bytes_.end()) {
            *from = 'x';
        }
    }

    [[nodiscard]] std::string refusal() const {
        const auto result = resolve_nft(bytes_);
        const auto* refusal = std::get_if<Refusal>(&result);
        return refusal ? refusal->step : "resolved";
    }

    [[nodiscard]] const Bytes& bytes() const { return bytes_; }

  private:
    Bytes bytes_;
};

const std::string kernel = "6.12.117+deb12-cloud-amd64";

} // namespace

TEST_CASE("unchanged, the patients are resolved") {
    CHECK(Patient(kernel).refusal() == "resolved");
}

TEST_CASE("a way out of nft_do_chain past the trace point is refused") {
    Patient module(kernel);
    // je 19a, the loop over the rules, becomes je 27e, the function's end.
    module.patch(0x255, {0x0f, 0x84, 0x3f, 0xff, 0xff, 0xff}, {0x0f, 0x84, 0x23, 0, 0, 0});
    CHECK(module.refusal() == "coverage");
}

TEST_CASE("a second place that traces verdicts is refused") {
    Patient module(kernel);
    // call __nft_trace_packet becomes call __nft_trace_verdict.
    module.patch(0x48f, {0xe8, 0x7c, 0xfb, 0xff, 0xff}, {0xe8, 0xac, 0xfb, 0xff, 0xff});
    CHECK(module.refusal() == "verdict call");
}

TEST_CASE("a rule layout that is not known is refused") {
    Patient module(kernel);
    module.patch(0x244, {0x66, 0xd1, 0xe8}, {0x66, 0x90, 0x90}); // shr %ax
    CHECK(module.refusal() == "rule layout");
}

TEST_CASE("code that cannot be decoded is refused") {
    Patient module(kernel);
    module.patch(0x15e, {0x44, 0x0f, 0xb6}, {0x06, 0x06, 0x06}); // push %es: not in 64-bit mode
    CHECK(module.refusal() == "disassembly");
}

TEST_CASE("a rule that is not handed over as known is refused") {
    Patient module(kernel);
    module.patch(0x4ca, {0x4c, 0x89, 0xf2}, {0x31, 0xd2, 0x90}); // mov %r14,%rdx: xor %edx,%edx
    CHECK(module.refusal() == "rule");
}

TEST_CASE("nop sites without a jump table lead nowhere, and are refused") {
    Patient module(kernel);
    module.lose_jump_table();
    CHECK(module.refusal() == "verdict call");
}

TEST_CASE("a kernel without jump labels tests the key, and has the same sites") {
    const std::string release = "6.1.0-56-cloud-amd64";
    Patient module(release);
    module.lose_jump_table();
    module.patch(0x4df, {0x66, 0x90}, {0x74, 0x40}); // je 521, the traced verdict
    module.patch(0x632, {0x66, 0x90}, {0x74, 0x21}); // je, the traced policy
    const auto with = resolve_nft(load_module(release, "nf_tables"));
    const auto without = resolve_nft(module.bytes());
    REQUIRE(std::holds_alternative<NftSites>(with));
    REQUIRE(std::holds_alternative<NftSites>(without));
    const auto& expected = std::get<NftSites>(with);
    const auto& found = std::get<NftSites>(without);
    CHECK(found.verdict.at == expected.verdict.at);
    CHECK(found.verdict.rule == expected.verdict.rule);
    REQUIRE(found.traced);
    CHECK(found.traced->at == expected.traced->at);
    // The counters' jump label is a plain nop now, and may be probed.
    CHECK(show(found.policy.at) == "nft_do_chain+0x564");
}

} // namespace nflab::probesite
