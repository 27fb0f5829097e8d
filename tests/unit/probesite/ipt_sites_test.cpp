// SPDX-License-Identifier: GPL-2.0-or-later
// Expected values: each checked against `objdump -dr` of the module it is of.
#include "guest/probesite/resolve.hpp"
#include "tests/catch.hpp"
#include "tests/unit/probesite/fixture.hpp"

namespace nflab::probesite {

namespace {

struct Expected {
    std::string release;
    std::string module;
    std::string matched;
    std::string result;
    std::string entry;
    std::string skb;
    std::string table;
    std::string state;
};

const std::vector<Expected> kernels{
    // clang-format off
    {"5.10.0-46-cloud-amd64", "ip_tables", "0x2ae", "0x301", "rbx", "r12", "[rsp+0x20]", "[rsp+0x40]"},
    {"5.10.0-46-cloud-amd64", "ip6_tables", "0x29b", "0x2ed", "rbx", "r15", "[rsp+0x20]", "[rsp+0x40]"},
    {"6.1.0-47-cloud-amd64", "ip_tables", "0x2d7", "0x32a", "rbx", "r12", "[rsp+0x40]", "[rsp+0x48]"},
    {"6.1.0-47-cloud-amd64", "ip6_tables", "0x2a3", "0x2f5", "rbx", "r15", "[rsp+0x40]", "[rsp+0x48]"},
    {"6.1.0-56-cloud-amd64", "ip_tables", "0x2d7", "0x32a", "rbx", "r12", "[rsp+0x40]", "[rsp+0x48]"},
    {"6.1.0-56-cloud-amd64", "ip6_tables", "0x2a3", "0x2f5", "rbx", "r15", "[rsp+0x40]", "[rsp+0x48]"},
    {"6.1.0-56-rt-amd64", "ip_tables", "0x2e7", "0x33a", "rbx", "r12", "[rsp+0x10]", "[rsp+0x50]"},
    {"6.1.0-56-rt-amd64", "ip6_tables", "0x2ae", "0x300", "rbx", "r15", "[rsp+0x10]", "[rsp+0x50]"},
    {"6.12.107+deb13-cloud-amd64", "ip_tables", "0x2e8", "0x335", "rbx", "r14", "[rsp+0x50]", "[rsp+0x58]"},
    {"6.12.107+deb13-cloud-amd64", "ip6_tables", "0x2b5", "0x301", "r13", "rbx", "[rsp+0x48]", "[rsp+0x50]"},
    {"6.12.117+deb12-cloud-amd64", "ip_tables", "0x2e7", "0x33a", "rbx", "r12", "[rsp+0x40]", "[rsp+0x48]"},
    {"6.12.117+deb12-cloud-amd64", "ip6_tables", "0x2b3", "0x305", "rbx", "r15", "[rsp+0x40]", "[rsp+0x48]"},
    {"6.16.12+deb13-cloud-amd64", "ip_tables", "0x30d", "0x359", "r13", "rbp", "[rsp+0x18]", "[rsp+0x60]"},
    {"6.16.12+deb13-cloud-amd64", "ip6_tables", "0x2cc", "0x318", "r13", "rbp", "[rsp+0x50]", "[rsp+0x58]"},
    {"6.18.15+deb13-cloud-amd64", "ip_tables", "0x30d", "0x359", "r13", "rbp", "[rsp+0x18]", "[rsp+0x60]"},
    {"6.18.15+deb13-cloud-amd64", "ip6_tables", "0x2cc", "0x318", "r13", "rbp", "[rsp+0x50]", "[rsp+0x58]"},
    {"7.2.12+deb13-cloud-amd64", "ip_tables", "0x30d", "0x359", "r13", "rbp", "[rsp+0x18]", "[rsp+0x60]"},
    {"7.2.12+deb13-cloud-amd64", "ip6_tables", "0x2cc", "0x318", "r13", "rbp", "[rsp+0x50]", "[rsp+0x58]"},
    {"7.2.13+deb14-cloud-amd64", "ip_tables", "0x2f3", "0x345", "r15", "r14", "[rsp+0x40]", "[rsp+0x48]"},
    {"7.2.13+deb14-cloud-amd64", "ip6_tables", "0x2d8", "0x32a", "rbx", "r14", "[rsp+0x48]", "[rsp+0x50]"},
    {"7.3.4+deb13-cloud-amd64", "ip_tables", "0x30e", "0x35a", "r13", "rbp", "[rsp+0x18]", "[rsp+0x60]"},
    {"7.3.4+deb13-cloud-amd64", "ip6_tables", "0x2cd", "0x319", "r13", "rbp", "[rsp+0x50]", "[rsp+0x58]"},
    // clang-format on
};

std::string function_of(const std::string& module) {
    return module == "ip_tables" ? "ipt_do_table" : "ip6t_do_table";
}

} // namespace

TEST_CASE("iptables sites are where the disassembly has them") {
    for (const auto& kernel : kernels) {
        INFO(kernel.release << " " << kernel.module);
        const auto function = function_of(kernel.module);
        const auto result = resolve_ipt(load_module(kernel.release, kernel.module), function);
        if (const auto* refusal = std::get_if<Refusal>(&result)) {
            FAIL("refused at " << refusal->step << ": " << refusal->reason);
        }
        const auto& sites = std::get<IptSites>(result);
        CHECK(sites.function == function);
        CHECK(show(sites.matched) == function + "+" + kernel.matched);
        CHECK(show(sites.entry) == kernel.entry);
        CHECK(show(sites.skb) == kernel.skb);
        CHECK(show(sites.table) == kernel.table);
        REQUIRE(sites.state);
        CHECK(show(*sites.state) == kernel.state);
        CHECK(show(sites.result) == function + "+" + kernel.result);
        CHECK(show(sites.result_skb) == kernel.skb);
        CHECK(show(sites.result_table) == kernel.table);
        REQUIRE(sites.result_entry);
        CHECK(show(*sites.result_entry) == kernel.entry);
        CHECK(sites.target_offset_field == (kernel.module == "ip_tables" ? 0x58U : 0x8cU));
        CHECK(sites.build_id.size() == 40);
    }
}

TEST_CASE("the other family's function is refused by name") {
    const auto result =
        resolve_ipt(load_module("6.12.117+deb12-cloud-amd64", "ip6_tables"), "ipt_do_table");
    const auto* refusal = std::get_if<Refusal>(&result);
    REQUIRE(refusal);
    CHECK(refusal->reason.find("ipt_do_table") != std::string::npos);
}

} // namespace nflab::probesite
