// SPDX-License-Identifier: GPL-2.0-or-later
// Expected values: each checked against `objdump -dr` of the module it is of.
#include "guest/probesite/resolve.hpp"
#include "tests/catch.hpp"
#include "tests/unit/probesite/fixture.hpp"

#include <algorithm>
#include <chrono>

namespace nflab::probesite {

namespace {

struct Expected {
    std::string release;
    std::string site;
    std::string traced;
    std::string policy;
    std::string rule;
    std::string pkt;
    std::string base_chain;
    std::int32_t verdict_code;
    std::uint32_t table_name;
};

const std::vector<Expected> kernels{
    // clang-format off
    {"5.10.0-46-cloud-amd64", "0x3bf", "0x431", "0x4d9", "rbx", "r15", "[rsp+0x10]", 0x48, 240},
    {"6.1.0-0.deb11.52-amd64", "0x1f0", "0x41c", "0x53b", "r12", "r15", "[rsp+0x10]", 0x48, 248},
    {"6.1.0-47-cloud-amd64", "0x217", "0x427", "0x55b", "r13", "r14", "[rsp+0x10]", 0x48, 248},
    {"6.1.0-56-cloud-amd64", "0x411", "0x464", "0x566", "r15", "r13", "[rsp+0x10]", 0x48, 384},
    {"6.1.0-56-rt-amd64", "0x411", "0x464", "0x566", "r15", "r13", "[rsp+0x10]", 0x48, 448},
    {"6.12.107+deb13-cloud-amd64", "0x16f", "0x3ec", "0x5ac", "r14", "rbp", "[rsp+0x0]", 0x20, 384},
    {"6.12.117+deb12-cloud-amd64", "0x170", "0x3ed", "0x5ad", "r14", "rbp", "[rsp+0x0]", 0x20, 384},
    {"6.16.12+deb13-cloud-amd64", "0x17f", "0x424", "0x5f5", "r13", "rbp", "[rsp+0x0]", 0x38, 248},
    {"6.18.15+deb13-cloud-amd64", "0x17f", "0x424", "0x5f5", "r13", "rbp", "[rsp+0x0]", 0x38, 248},
    {"7.2.12+deb13-cloud-amd64", "0x17b", "0x437", "0x6c5", "r14", "rbp", "[rsp+0x0]", 0x38, 432},
    {"7.2.13+deb14-cloud-amd64", "0x1d5", "0x4a2", "0x730", "r14", "r15", "rbp", 0x30, 432},
    {"7.3.4+deb13-cloud-amd64", "0x17b", "0x437", "0x6c5", "r14", "rbp", "[rsp+0x0]", 0x38, 432},
    // clang-format on
};

const std::string forked_policy = "6.1.0-0.deb11.52-amd64";

NftSites resolved(const Bytes& module) {
    auto result = resolve_nft(module);
    if (const auto* refusal = std::get_if<Refusal>(&result)) {
        FAIL("refused at " << refusal->step << ": " << refusal->reason);
    }
    return std::get<NftSites>(std::move(result));
}

bool before_6_12(const std::string& release) {
    return release.starts_with("5.") || release.starts_with("6.1.");
}

} // namespace

TEST_CASE("nft sites are where the disassembly has them") {
    for (const auto& kernel : kernels) {
        INFO(kernel.release);
        const auto sites = resolved(load_module(kernel.release, "nf_tables"));
        CHECK(show(sites.verdict.at) == "nft_do_chain+" + kernel.site);
        CHECK(show(sites.verdict.rule) == kernel.rule);
        CHECK(show(sites.verdict.pkt) == kernel.pkt);
        CHECK(show(sites.verdict.base_chain) == kernel.base_chain);
        CHECK(sites.verdict.verdict_code == kernel.verdict_code);
        CHECK(sites.verdict.registers);
        REQUIRE(sites.traced);
        CHECK(show(sites.traced->at) == "nft_do_chain+" + kernel.traced);
        CHECK(show(sites.traced->rule) == kernel.rule);
        CHECK(show(sites.traced->pkt) == kernel.pkt);
        CHECK(sites.traced->verdict_code == kernel.verdict_code);
        CHECK(show(sites.policy.at) == "nft_do_chain+" + kernel.policy);
        CHECK(show(sites.policy.pkt) == kernel.pkt);
        // Its compiler, an older one, let the counters' jump label fork the way.
        CHECK(sites.policy_traced.has_value() == (kernel.release == forked_policy));
        CHECK(sites.table_name_offset == kernel.table_name);
        CHECK(sites.build_id.size() == 40);
        CHECK(sites.checks.size() >= 4);
    }
}

TEST_CASE("a policy that is applied at two places has both probed") {
    const auto sites = resolved(load_module(forked_policy, "nf_tables"));
    REQUIRE(sites.policy_traced);
    CHECK(show(sites.policy_traced->at) == "nft_do_chain+0x549");
    CHECK(show(sites.policy_traced->pkt) == "r15");
    CHECK(show(sites.policy_traced->base_chain) == "[rsp+0x10]");
}

TEST_CASE("a register that was just loaded from a stack slot holds the same value") {
    const auto module = load_module("6.1.0-56-cloud-amd64", "nf_tables");
    const ProbePoint policy{"nft_do_chain", 0x566};
    const Location rbx{.kind = Location::Kind::reg, .reg = Gpr::rbx};
    const Location r13{.kind = Location::Kind::reg, .reg = Gpr::r13};
    const Location slot{.kind = Location::Kind::stack, .offset = 0x10};
    CHECK(same_value(module, "nft_do_chain", policy, rbx, slot));
    CHECK_FALSE(same_value(module, "nft_do_chain", policy, r13, slot));
    CHECK_FALSE(same_value(module, "nft_do_chain", {"nft_do_chain", 0x567}, rbx, slot));
    CHECK_FALSE(same_value(module, "no_such_function", policy, rbx, slot));
}

TEST_CASE("a value is known by what a register held on entry") {
    const auto module = load_module("6.1.0-56-cloud-amd64", "ip_tables");
    const ProbePoint matched{"ipt_do_table", 0x2d7};
    const Location r12{.kind = Location::Kind::reg, .reg = Gpr::r12};
    const Location table{.kind = Location::Kind::stack, .offset = 0x40};
    CHECK(argument_at(module, "ipt_do_table", matched, table) == Gpr::rdi);
    CHECK(argument_at(module, "ipt_do_table", matched, r12) == Gpr::rsi);
    const Location entry{.kind = Location::Kind::reg, .reg = Gpr::rbx};
    CHECK_FALSE(argument_at(module, "ipt_do_table", matched, entry));
}

TEST_CASE("every trimmed module has its expected values") {
    std::vector<std::string> expected(kernels.size());
    std::transform(kernels.begin(), kernels.end(), expected.begin(),
                   [](const Expected& kernel) { return kernel.release; });
    CHECK(fixture_releases() == expected);
}

TEST_CASE("the rule's layout is told from the code, and agrees with the trace function's") {
    for (const auto& kernel : kernels) {
        INFO(kernel.release);
        const auto sites = resolved(load_module(kernel.release, "nf_tables"));
        const bool old = kernel.release.starts_with("5.10");
        CHECK(sites.rule.blob == !old);
        CHECK(sites.rule.handle_offset == (old ? 16U : 0U));
        CHECK(sites.rule.handle_shift == (old ? 0U : 13U));
        CHECK(sites.rule.handle_mask == (std::uint64_t{1} << 42) - 1);
        const bool info = before_6_12(kernel.release);
        CHECK((sites.trace_abi == NftSites::TraceAbi::info_on_stack) == info);
        CHECK(sites.trace_rule_offset == (old ? 24U : info ? 32U : 0U));
        CHECK(sites.verdict.chain.has_value() == info);
        CHECK(sites.trace_verdict_function ==
              (info ? "__nft_trace_verdict.isra.0" : "__nft_trace_verdict"));
        CHECK(sites.trace_packet_function == "__nft_trace_packet");
    }
}

TEST_CASE("one kernel's nft sites are found in well under 50 ms") {
    const auto module = load_module("7.2.13+deb14-cloud-amd64", "nf_tables");
    auto best = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 3; ++i) {
        const auto start = std::chrono::steady_clock::now();
        resolved(module);
        best = std::min(best, std::chrono::steady_clock::now() - start);
    }
    // Unoptimized and with sanitizers it takes about ten times as long.
#ifdef NDEBUG
    CHECK(best < std::chrono::milliseconds(50));
#else
    CHECK(best < std::chrono::milliseconds(1000));
#endif
}

TEST_CASE("a module without nft_do_chain is refused by name") {
    const auto result = resolve_nft(load_module("6.12.117+deb12-cloud-amd64", "ip_tables"));
    const auto* refusal = std::get_if<Refusal>(&result);
    REQUIRE(refusal);
    CHECK(refusal->reason.find("nft_do_chain") != std::string::npos);
}

} // namespace nflab::probesite
