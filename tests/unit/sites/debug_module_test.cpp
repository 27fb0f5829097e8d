// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/catalogue.hpp"
#include "harness/sites/debug_module.hpp"
#include "tests/catch.hpp"

using namespace nflab;
using Agreement = sites::DebugFinding::Agreement;
using Kind = sites::DebugLocation::Kind;
using probesite::Gpr;
using probesite::Location;

namespace {

const Location in_r14{Location::Kind::reg, Gpr::r14};
const Location at_20{Location::Kind::stack, Gpr::rsp, 0x20};

} // namespace

TEST_CASE("debug symbols place arguments where the calling convention has them") {
    const sites::DebugModule module(kernel::read_text(DEBUG_SUBJECT));
    const probesite::ProbePoint entry{"chain_of", 0};
    const auto pkt = module.find(entry, "pkt");
    CHECK(pkt.kind == Kind::reg);
    CHECK(pkt.reg == Gpr::rdi);
    CHECK(pkt.text == "rdi");
    CHECK(module.find(entry, "priv").reg == Gpr::rsi);
    // Below the return address, which is at rsp here.
    const auto regs = module.find(entry, "regs");
    CHECK(regs.kind == Kind::memory);
    CHECK(regs.offset < 0);
}

TEST_CASE("debug symbols know nothing of other functions and variables") {
    const sites::DebugModule module(kernel::read_text(DEBUG_SUBJECT));
    CHECK(module.find({"chain_of", 0}, "skb").kind == Kind::none);
    CHECK(module.find({"another", 0}, "pkt").kind == Kind::none);
    CHECK(module.find({"chain_of", 0x10000}, "pkt").kind == Kind::none);
}

TEST_CASE("a file without debug symbols is an error") {
    CHECK_THROWS_AS(sites::DebugModule("not ELF"), std::runtime_error);
}

TEST_CASE("a value agrees with its variable only in the same place") {
    const sites::DescribedValue rule{"rule", in_r14};
    CHECK(sites::compare(rule, {Kind::reg, Gpr::r14, 0, ""}) == Agreement::agrees);
    CHECK(sites::compare(rule, {Kind::reg, Gpr::r13, 0, ""}) == Agreement::differs);
    CHECK(sites::compare(rule, {Kind::memory, Gpr::rsp, 0x20, ""}) == Agreement::differs);
    const sites::DescribedValue table{"table", at_20};
    CHECK(sites::compare(table, {Kind::memory, Gpr::rsp, 0x20, ""}) == Agreement::agrees);
    CHECK(sites::compare(table, {Kind::memory, Gpr::rsp, 0x28, ""}) == Agreement::differs);
    CHECK(sites::compare(table, {Kind::reg, Gpr::rax, 0, ""}) == Agreement::differs);
}

TEST_CASE("what the compiler does not place, or computes, neither agrees nor differs") {
    const sites::DescribedValue rule{"rule", in_r14};
    CHECK(sites::compare(rule, {}) == Agreement::unknown);
    CHECK(sites::compare(rule, {Kind::other, Gpr::rax, 0, "computed"}) == Agreement::unknown);
    // A register that holds an object says nothing of the object's address.
    CHECK(sites::compare({"registers", at_20, true}, {Kind::reg, Gpr::rax, 0, ""}) ==
          Agreement::unknown);
}
