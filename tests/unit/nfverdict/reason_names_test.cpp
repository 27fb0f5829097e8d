// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/drops/drop_reasons.hpp"
#include "guest/nfverdict/drops/reason_names.hpp"
#include "tests/catch.hpp"

using namespace nflab::nfverdict;

namespace {

ReasonNames::Names known(const std::string& module, const std::string& name) {
    if (module.empty() && name == "skb_drop_reason")
        return {{0, "SKB_NOT_DROPPED_YET"},
                {2, "SKB_DROP_REASON_NOT_SPECIFIED"},
                {3, "SKB_DROP_REASON_NO_SOCKET"},
                {0xffff0000, "SKB_DROP_REASON_SUBSYS_MASK"}};
    if (module.empty() && name == "skb_drop_reason_subsys")
        return {{0, "SKB_DROP_REASON_SUBSYS_CORE"},
                {1, "SKB_DROP_REASON_SUBSYS_MAC80211_UNUSABLE"},
                {3, "SKB_DROP_REASON_SUBSYS_OPENVSWITCH"}};
    if (module == "openvswitch" && name == "ovs_drop_reason")
        return {{3U << 16, "__OVS_DROP_REASON"}, {(3U << 16) + 4, "OVS_DROP_METER"}};
    return {};
}

} // namespace

TEST_CASE("a drop reason has the name that its subsystem gives it") {
    ReasonNames names(known);
    CHECK(names.any());
    CHECK(names.has("NO_SOCKET"));
    CHECK_FALSE(names.has("OVS_DROP_METER"));
    CHECK(names.name(3) == "NO_SOCKET");
    CHECK(names.name(2).empty());
    CHECK(names.name(99).empty());
    CHECK(names.name((3U << 16) + 4) == "OVS_DROP_METER");
    CHECK(names.name((3U << 16) + 9) == "OPENVSWITCH reason 9");
    CHECK(names.name((1U << 16) + 5) == "MAC80211_UNUSABLE reason 5");
    CHECK(names.name((7U << 16) + 5) == "subsystem 7 reason 5");
}

TEST_CASE("the subsystems' reasons tell the stage, named or not") {
    for (const char* name : {"OVS_DROP_METER", "OPENVSWITCH reason 9"}) {
        REQUIRE(find_reason(name));
        CHECK(find_reason(name)->stage == std::string_view("openvswitch"));
    }
    for (const char* name : {"RX_DROP_U_MIC_FAIL", "MAC80211_UNUSABLE reason 5"}) {
        REQUIRE(find_reason(name));
        CHECK(find_reason(name)->stage == std::string_view("wireless"));
    }
}

TEST_CASE("a kernel without drop reasons names none") {
    ReasonNames names([](const auto&, const auto&) { return ReasonNames::Names(); });
    CHECK_FALSE(names.any());
    CHECK(names.name(3).empty());
}
