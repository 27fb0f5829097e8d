// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/suggest.hpp"
#include "tests/catch.hpp"

#include <string>

using nflab::scenario::edit_distance;
using nflab::scenario::suggest;

TEST_CASE("edit distance") {
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("gateway", "gatway") == 1);
    CHECK(edit_distance("verdcit", "verdict") == 1);
    CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("suggestions") {
    const std::vector<std::string> known = {"nftables", "iptables-legacy", "iptables-nft",
                                            "gateway"};
    CHECK(suggest("gatway", known) == "did you mean 'gateway'?");
    CHECK(suggest("GATEWAY", known) == "did you mean 'gateway'?");
    CHECK(suggest("iptables", known) == "did you mean 'iptables-legacy' or 'iptables-nft'?");
    CHECK(suggest("tables", known) == "did you mean 'nftables'?");
    CHECK(suggest("colour", known) == "known: nftables, iptables-legacy, iptables-nft, gateway");
    CHECK(suggest("c", {"a", "b"}) == "known: a, b");
    CHECK(suggest(std::string(100'000, 'x'), known).rfind("known: ", 0) == 0);
    CHECK(suggest("x", {}).empty());
}
