// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/hooks/hook_function.hpp"
#include "tests/catch.hpp"

using namespace nflab::nfverdict;
using Kind = HookFunction::Kind;

TEST_CASE("functions of tables are told from the others") {
    CHECK(classify_hook("nft_do_chain_inet", "nf_tables").kind == Kind::nft_chain);
    CHECK(classify_hook("nft_nat_do_chain", "nft_chain_nat").kind == Kind::nft_chain);
    CHECK(classify_hook("ipt_do_table", "ip_tables").kind == Kind::xt_table);
    CHECK(classify_hook("iptable_filter_hook", "iptable_filter").kind == Kind::xt_table);
    CHECK(classify_hook("nf_nat_ipv4_out", "nf_nat").kind == Kind::nat_lookup);
    CHECK_FALSE(classify_hook("nf_nat_ipv4_out", "nf_nat").is_table());
    CHECK(classify_hook("nf_hook_run_bpf", "").kind == Kind::bpf);
}

TEST_CASE("the others have a stage, an unknown one its module") {
    CHECK(classify_hook("ipv4_conntrack_defrag", "nf_defrag_ipv4").stage == "defrag");
    CHECK(classify_hook("ipv4_conntrack_in", "nf_conntrack").stage == "conntrack");
    CHECK(classify_hook("nf_confirm.cold", "nf_conntrack").stage == "conntrack");
    CHECK(classify_hook("br_nf_pre_routing", "br_netfilter").stage == "br_netfilter");
    CHECK(classify_hook("their_hook", "their_module").stage == "their_module");
    CHECK(classify_hook("their_hook", "").stage == "hook");
}

TEST_CASE("engine and table of legacy tables by name") {
    CHECK(xt_engine("ipt_do_table", "ip_tables") == "iptables");
    CHECK(xt_engine("ip6table_raw_hook", "ip6table_raw") == "ip6tables");
    CHECK(xt_engine("ebt_in_hook", "ebtable_filter") == "ebtables");
    CHECK(xt_engine("arpt_do_table", "arp_tables") == "arptables");
    CHECK(xt_engine("br_nf_pre_routing", "br_netfilter").empty());
    CHECK(table_of_module("iptable_mangle") == "mangle");
    CHECK(table_of_module("ebtable_filter") == "filter");
    CHECK(table_of_module("ip_tables").empty());
}
