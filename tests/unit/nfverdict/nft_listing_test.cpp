// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/nft_listing.hpp"
#include "tests/catch.hpp"

using namespace nflab::nfverdict;

namespace {

// As nft 1.0.6 prints it.
constexpr const char* listing = R"(table inet t { # handle 1
	comment "what { this # handle 9"
	set ports { # handle 12
		type inet_service
		flags interval
		elements = { 80, 443,
			     8000-8010 }
	}

	chain sub { # handle 1
		tcp dport 2000 reject with tcp reset # handle 3
		udp dport 2002 drop comment "two # handle 5" # handle 5
	}

	chain forw { # handle 2
		comment "not a rule"
		type filter hook forward priority filter + 5; policy drop;
		ct state established,related accept # handle 6
		ip daddr { 10.0.2.3, 10.0.2.4, 10.0.2.5,
			   10.0.2.20 } udp dport 99 drop # handle 12
		log prefix "reject } drop" accept # handle 13
	}
}
table ip nat { # handle 2
	chain postrouting { # handle 1
		type nat hook postrouting priority srcnat; policy accept;
		oifname "vb" counter masquerade # handle 2
	}
}
)";

} // namespace

TEST_CASE("a listing gives tables, chains and rules with their handles") {
    const NftListing parsed = parse_nft_listing(listing);
    REQUIRE(parsed.tables.size() == 2);
    const NftTable* table = parsed.table("inet", "t");
    REQUIRE(table);
    CHECK(table->handle == 1);
    REQUIRE(table->chains.size() == 2);
    CHECK(table->chains[0].name == "sub");
    CHECK_FALSE(table->chains[0].base);
    CHECK(table->chains[1].base);
    CHECK(table->chains[1].rules.size() == 3);
    CHECK(parsed.table("ip", "t") == nullptr);
    CHECK(parsed.table("ip", "nat")->chains[0].rules[0].text ==
          "oifname \"vb\" counter masquerade");
}

TEST_CASE("a comment that looks like a handle does not become one") {
    const NftListing parsed = parse_nft_listing(listing);
    const NftPlace place = find_rule(*parsed.table("inet", "t"), 5);
    REQUIRE(place.rule);
    CHECK(place.rule->text == "udp dport 2002 drop comment \"two # handle 5\"");
    CHECK(place.rule->comment == "two # handle 5");
    CHECK(place.chain->name == "sub");
    CHECK(place.number == 2);
}

TEST_CASE("a rule whose set takes several lines is one rule") {
    const NftListing parsed = parse_nft_listing(listing);
    const NftPlace place = find_rule(*parsed.table("inet", "t"), 12);
    REQUIRE(place.rule);
    CHECK(place.rule->text ==
          "ip daddr { 10.0.2.3, 10.0.2.4, 10.0.2.5, 10.0.2.20 } udp dport 99 drop");
    CHECK(place.number == 2);
}

TEST_CASE("an unknown handle has no place") {
    const NftListing parsed = parse_nft_listing(listing);
    CHECK(find_rule(*parsed.table("inet", "t"), 99).rule == nullptr);
    CHECK(find_chain(*parsed.table("inet", "t"), 99) == nullptr);
    CHECK(find_chain(*parsed.table("inet", "t"), 2)->name == "forw");
}

TEST_CASE("the elements of a named verdict map are listed as they are") {
    const NftListing parsed =
        parse_nft_listing("table ip t { # handle 1\n"
                          "\tmap m { # handle 4\n"
                          "\t\ttype inet_service : verdict\n"
                          "\t\telements = { 22 comment \"no, } ssh\" : drop, 80 : accept,\n"
                          "\t\t\t     443 : jump web }\n"
                          "\t}\n"
                          "\tmap empty { # handle 5\n"
                          "\t\ttype inet_service : verdict\n"
                          "\t}\n"
                          "}\n");
    const auto& maps = parsed.tables.at(0).verdict_maps;
    REQUIRE(maps.contains("m"));
    CHECK(maps.at("m") == std::vector<std::string>{"22 comment \"no, } ssh\" : drop", "80 : accept",
                                                   "443 : jump web"});
    CHECK_FALSE(maps.contains("empty"));
}

TEST_CASE("a rule's own verdict map is in its text") {
    CHECK(
        anonymous_map("ct state vmap { invalid : drop, established : accept } comment \"vmap\"") ==
        std::vector<std::string>{"invalid : drop", "established : accept"});
    CHECK(anonymous_map("tcp dport vmap @named").empty());
    CHECK(anonymous_map("tcp dport vmap { 1 : drop } udp sport vmap { 2 : drop }").empty());
    CHECK(anonymous_map("log prefix \"vmap { 1 : drop }\" drop").empty());
}

TEST_CASE("nonsense is skipped") {
    CHECK(parse_nft_listing("").tables.empty());
    CHECK(parse_nft_listing("chain x {\n}\n\n\t}\n").tables.empty());
    CHECK(parse_nft_listing("table").tables.size() <= 1);
}
