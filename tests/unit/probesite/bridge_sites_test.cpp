// SPDX-License-Identifier: GPL-2.0-or-later
// Expected values: each checked against `objdump -dr` of the module it is of.
#include "guest/probesite/resolve.hpp"
#include "tests/catch.hpp"
#include "tests/unit/probesite/fixture.hpp"

namespace nflab::probesite {

TEST_CASE("arptables sites are where the disassembly has them") {
    struct Expected {
        std::string release, matched, result, table, skb, state;
    };
    const std::vector<Expected> kernels{
        // clang-format off
        {"5.10.0-46-cloud-amd64", "0x305", "0x337", "rdx", "r14", "[rsp+0x38]"},
        {"6.1.0-56-cloud-amd64", "0x342", "0x374", "rdi", "r12", "[rsp+0x38]"},
        {"6.12.117+deb12-cloud-amd64", "0x35a", "0x38c", "rdi", "rbp", "[rsp+0x38]"},
        {"6.18.15+deb13-cloud-amd64", "0x417", "0x448", "rdi", "r15", "[rsp+0x88]"},
        {"7.2.13+deb14-cloud-amd64", "0x3e4", "0x416", "rdi", "rbp", "[rsp+0x80]"},
        {"7.3.4+deb13-cloud-amd64", "0x3b1", "0x3e6", "rdi", "r13", "[rsp+0x88]"},
        // clang-format on
    };
    for (const auto& kernel : kernels) {
        INFO(kernel.release);
        const auto result = resolve_ipt(load_module(kernel.release, "arp_tables"), "arpt_do_table");
        if (const auto* refusal = std::get_if<Refusal>(&result)) {
            FAIL("refused at " << refusal->step << ": " << refusal->reason);
        }
        const auto& sites = std::get<IptSites>(result);
        CHECK(show(sites.matched) == "arpt_do_table+" + kernel.matched);
        CHECK(show(sites.result) == "arpt_do_table+" + kernel.result);
        CHECK(show(sites.entry) == "rbx");
        CHECK(show(sites.skb) == kernel.skb);
        REQUIRE(sites.state);
        CHECK(show(*sites.state) == kernel.state);
        REQUIRE(sites.entered);
        CHECK(show(sites.entered->at) == "arpt_do_table+0x0");
        CHECK(show(sites.entered->table) == kernel.table);
        CHECK(show(sites.entered->skb) == (kernel.table == "rdx" ? "rdi" : "rsi"));
        CHECK(sites.target_offset_field == 0xa4);
        CHECK_FALSE(sites.hotdrop);
    }
}

TEST_CASE("ebtables sites are where the disassembly has them") {
    struct Expected {
        std::string release, matched, result, policy, chain, skb, state, table;
    };
    const std::vector<Expected> kernels{
        // clang-format off
        {"5.10.0-46-cloud-amd64", "0x48e", "0x4c1", "0xdd", "r12", "rbp", "[rsp+0x28]", "rdx"},
        {"6.1.0-56-cloud-amd64", "0x565", "0x595", "0xed", "rax", "r13", "[rsp+0x20]", "rdi"},
        {"6.12.117+deb12-cloud-amd64", "0x4ff", "0x534", "0xe3", "rbp", "r12", "[rsp+0x20]", "rdi"},
        // clang-format on
    };
    for (const auto& kernel : kernels) {
        INFO(kernel.release);
        const auto result = resolve_ebt(load_module(kernel.release, "ebtables"));
        if (const auto* refusal = std::get_if<Refusal>(&result)) {
            FAIL("refused at " << refusal->step << ": " << refusal->reason);
        }
        const auto& sites = std::get<EbtSites>(result);
        CHECK(show(sites.matched) == "ebt_do_table+" + kernel.matched);
        CHECK(show(sites.result) == "ebt_do_table+" + kernel.result);
        CHECK(show(sites.policy) == "ebt_do_table+" + kernel.policy);
        CHECK(show(sites.entry) == "rbx");
        CHECK(show(sites.policy_chain) == kernel.chain);
        CHECK(show(sites.skb) == kernel.skb);
        CHECK(show(sites.policy_skb) == kernel.skb);
        CHECK(show(sites.result_skb) == kernel.skb);
        CHECK(show(sites.state) == kernel.state);
        CHECK(show(sites.policy_state) == kernel.state);
        CHECK(show(sites.entered.table) == kernel.table);
        CHECK(sites.private_offset == 0x48);
    }
}

TEST_CASE("hotdrop is read where every way out of iptables passes") {
    struct Expected {
        std::string release, module, at;
        int flag;
    };
    const std::vector<Expected> kernels{
        {"5.10.0-46-cloud-amd64", "ip_tables", "0x351", 0xb0},
        {"5.10.0-46-cloud-amd64", "ip6_tables", "0x331", 0xb0},
        {"6.1.0-56-cloud-amd64", "ip_tables", "0x377", 0xbe},
        {"6.12.117+deb12-cloud-amd64", "ip_tables", "0x387", 0xbe},
        {"6.18.15+deb13-cloud-amd64", "ip_tables", "0x3a3", 0xce},
        {"7.2.13+deb14-cloud-amd64", "ip_tables", "0x390", 0xbe},
        {"7.2.13+deb14-cloud-amd64", "ip6_tables", "0x36a", 0xc6},
    };
    for (const auto& kernel : kernels) {
        INFO(kernel.release << " " << kernel.module);
        const std::string function =
            kernel.module == "ip_tables" ? "ipt_do_table" : "ip6t_do_table";
        const auto result = resolve_ipt(load_module(kernel.release, kernel.module), function);
        REQUIRE(std::holds_alternative<IptSites>(result));
        const auto& hotdrop = std::get<IptSites>(result).hotdrop;
        REQUIRE(hotdrop);
        CHECK(show(hotdrop->at) == function + "+" + kernel.at);
        CHECK(hotdrop->flag == kernel.flag);
    }
}

TEST_CASE("what is no ebtables module is refused by name") {
    const auto result = resolve_ebt(load_module("6.12.117+deb12-cloud-amd64", "arp_tables"));
    const auto* refusal = std::get_if<Refusal>(&result);
    REQUIRE(refusal);
    CHECK(refusal->reason.find("ebt_do_table") != std::string::npos);
}

} // namespace nflab::probesite
