// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/cross_check.hpp"
#include "tests/catch.hpp"

using namespace nflab::nfverdict;

namespace {

nfv_event event(nfv_method method, std::uint64_t skb, std::uint64_t rule) {
    nfv_event out{};
    out.kind = NFV_NFT_VERDICT;
    out.method = method;
    out.skb = skb;
    out.rule = rule;
    return out;
}

} // namespace

TEST_CASE("the same verdict seen twice is an agreement, in either order") {
    CrossCheck check;
    check.take(event(NFV_DECOY, 1, 7));
    check.take(event(NFV_DECOY, 2, 7));
    check.take(event(NFV_SITE, 2, 7));
    check.take(event(NFV_SITE, 1, 7));
    check.settle();
    CHECK(check.agreements() == 2);
    CHECK(check.disagreements() == 0);
}

TEST_CASE("another rule is a disagreement, told from both sides") {
    CrossCheck check;
    check.take(event(NFV_DECOY, 1, 7));
    check.take(event(NFV_SITE, 1, 8));
    CHECK(check.take_disagreements().empty());
    check.settle();
    CHECK(check.disagreements() == 2);
    const auto messages = check.take_disagreements();
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].find("only the decoy") != std::string::npos);
    CHECK(messages[1].find("rule 8") != std::string::npos);
    CHECK(check.take_disagreements().empty());
}

TEST_CASE("a verdict that only one method sees is found without an end") {
    CrossCheck check;
    for (std::uint64_t i = 0; i < 70; ++i)
        check.take(event(NFV_SITE, i, 7));
    CHECK(check.disagreements() == 6);
}
