// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/kallsyms.hpp"
#include "tests/catch.hpp"

#include <sstream>

using namespace nflab::nfverdict;

namespace {

Kallsyms sample() {
    std::istringstream lines("ffffffff81000100 t static_one.isra.0\n"
                             "ffffffff81000000 T _stext\n"
                             "ffffffff81000000 T start_of_all\n"
                             "ffffffff81000200 d some_data\n"
                             "ffffffffc0001000 t nf_confirm\t[nf_conntrack]\n"
                             "0000000000000000 T hidden\n"
                             "nonsense\n");
    return Kallsyms::parse(lines);
}

} // namespace

TEST_CASE("an address is the function that begins below it") {
    const Kallsyms symbols = sample();
    CHECK(symbols.size() == 4);
    const auto inside = symbols.find(0xffffffff81000143);
    REQUIRE(inside);
    CHECK(inside->text() == "static_one.isra.0+0x43");
    CHECK(inside->module.empty());
    const auto start = symbols.find(0xffffffffc0001000);
    REQUIRE(start);
    CHECK(start->text() == "nf_confirm");
    CHECK(start->module == "nf_conntrack");
}

TEST_CASE("of several names of one place the shortest is shown") {
    CHECK(sample().find(0xffffffff81000001)->name == "_stext");
}

TEST_CASE("an address below or far above all functions is none's") {
    CHECK_FALSE(sample().find(0xffffffff80ffffff));
    CHECK_FALSE(sample().find(0xffffffffc0200000));
    CHECK_FALSE(Kallsyms().find(1));
}

TEST_CASE("what a compiler appends is no part of a function's name") {
    CHECK(source_name("ip_rcv_core.isra.0") == "ip_rcv_core");
    CHECK(source_name("ip_rcv") == "ip_rcv");
}
