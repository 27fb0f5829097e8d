// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/nft/table_makers.hpp"
#include "tests/catch.hpp"
#include "tests/unit/nfverdict/netlink_bytes.hpp"

using namespace nflab::nfverdict;
using namespace nflab::nfverdict::netlink;

namespace {

const std::set<TableName> filter{{"ip", "filter"}};

class Kernel {
  public:
    Kernel& does(int type, const char* table = "filter") {
        makers.take(type, message(NFPROTO_IPV4, text(NFTA_TABLE_NAME, table)));
        return *this;
    }
    void commit(const char* program) {
        makers.take(NFT_MSG_NEWGEN, message(0, u32(NFTA_GEN_ID, 1) + u32(NFTA_GEN_PROC_PID, 1) +
                                                   text(NFTA_GEN_PROC_NAME, program)));
    }
    TableMakers makers;
};

} // namespace

TEST_CASE("a table is xtables' when nobody else has touched it") {
    Kernel kernel;
    kernel.does(NFT_MSG_NEWTABLE).does(NFT_MSG_NEWCHAIN).does(NFT_MSG_NEWRULE);
    CHECK(kernel.makers.of_xtables().empty());
    kernel.commit("iptables-nft-re");
    CHECK(kernel.makers.of_xtables() == filter);
    kernel.does(NFT_MSG_NEWRULE).commit("iptables");
    CHECK(kernel.makers.of_xtables() == filter);
    kernel.does(NFT_MSG_NEWRULE, "other").commit("nft");
    CHECK(kernel.makers.of_xtables() == filter);
    kernel.does(NFT_MSG_NEWRULE).commit("nft");
    CHECK(kernel.makers.of_xtables().empty());
}

TEST_CASE("a table of somebody else stays that") {
    Kernel kernel;
    kernel.does(NFT_MSG_NEWTABLE).commit("nft");
    kernel.does(NFT_MSG_NEWRULE).commit("iptables-nft");
    CHECK(kernel.makers.of_xtables().empty());
}

TEST_CASE("a table whose beginning was not seen is nobody's") {
    Kernel kernel;
    kernel.does(NFT_MSG_NEWRULE).commit("iptables-nft");
    CHECK(kernel.makers.of_xtables().empty());
}

TEST_CASE("made again, a table is a new one") {
    Kernel kernel;
    kernel.does(NFT_MSG_NEWTABLE).commit("nft");
    kernel.does(NFT_MSG_DELTABLE).does(NFT_MSG_NEWTABLE).commit("ip6tables");
    CHECK(kernel.makers.of_xtables() == filter);
    kernel.does(NFT_MSG_DELTABLE).commit("nft");
    CHECK(kernel.makers.of_xtables().empty());
    kernel.does(NFT_MSG_NEWTABLE).commit("ebtables");
    CHECK(kernel.makers.of_xtables() == filter);
    kernel.makers.forget();
    CHECK(kernel.makers.of_xtables().empty());
}
