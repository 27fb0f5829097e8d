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

TEST_CASE("a hook's function is only what begins just there") {
    // The table was read while nft_queue was being loaded. Its initialization has been thrown away
    // since, and another module's functions lie behind where it was.
    std::istringstream lines("ffffffffc0005000 t nft_queue_module_init\t[nft_queue]\n"
                             "ffffffffc0004000 t nft_queue_eval\t[nft_queue]\n");
    const Kallsyms symbols = Kallsyms::parse(lines);
    CHECK(symbols.function(0xffffffffc0004000)->name == "nft_queue_eval");
    CHECK_FALSE(symbols.function(0xffffffffc0005140));
    CHECK(symbols.find(0xffffffffc0005140)->text() == "nft_queue_module_init+0x140");
}

TEST_CASE("what matters of the modules: name, state and address, not who uses them") {
    std::istringstream loading(
        "nft_queue 16384 0 - Loading 0xffffffffc0004000 (E+)\n"
        "nf_tables 303104 2 nft_queue,nft_ct, Live 0xffffffffc0300000 (E)\n");
    const std::string before = module_places(loading);
    CHECK(before == "nft_queue Loading 0xffffffffc0004000\nnf_tables Live 0xffffffffc0300000\n");
    std::istringstream live("nft_queue 16384 1 - Live 0xffffffffc0004000 (E)\n"
                            "nf_tables 303104 3 nft_queue,nft_ct, Live 0xffffffffc0300000 (E)\n");
    CHECK(module_places(live) != before);
}
