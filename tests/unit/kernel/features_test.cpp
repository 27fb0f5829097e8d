// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/features.hpp"
#include "harness/kernel/kernel.hpp"
#include "harness/scenario/features.hpp"
#include "tests/catch.hpp"
#include "tests/unit/kernel/temporary_directory.hpp"

#include <algorithm>

using namespace nflab;

namespace {

bool has(const std::vector<std::string>& features, const std::string& name) {
    return std::find(features.begin(), features.end(), name) != features.end();
}

} // namespace

TEST_CASE("features come from the config and from modules that are really there") {
    const test::TemporaryDirectory directory;
    kernel::Kernel kernel;
    kernel.config = directory.write("config", "CONFIG_NF_TABLES=m\nCONFIG_IP_NF_IPTABLES=m\n"
                                              "CONFIG_IP_NF_FILTER=m\nCONFIG_KPROBES=y\n"
                                              "CONFIG_KPROBE_EVENTS=y\n"
                                              "# CONFIG_DEBUG_INFO_BTF is not set\n");
    directory.write("m/kernel/net/netfilter/nf_tables.ko.xz", "");
    directory.write("m/modules.builtin", "kernel/net/ipv4/netfilter/ip_tables.ko\n");
    kernel.modules = directory.path() / "m";
    const auto features = kernel::features(kernel);
    CHECK(has(features, "nft"));
    CHECK(has(features, "kprobes"));
    CHECK_FALSE(has(features, "btf"));
    // The config promises iptable_filter, which nobody delivered.
    CHECK_FALSE(has(features, "iptables-legacy"));
    directory.write("m/kernel/net/ipv4/netfilter/iptable_filter.ko", "");
    CHECK(has(kernel::features(kernel), "iptables-legacy"));
}

TEST_CASE("without a config the modules speak, and what they cannot say is not claimed") {
    kernel::Abilities abilities;
    abilities.modular = true;
    abilities.modules = {"nf_tables", "nf_flow_table", "nft_flow_offload"};
    const auto features = kernel::features_of(abilities);
    CHECK(has(features, "nft"));
    CHECK(has(features, "nft-flowtable"));
    CHECK_FALSE(has(features, "kprobes"));
}

TEST_CASE("a kernel with everything built in needs no modules") {
    kernel::Abilities abilities;
    abilities.config = {"NF_TABLES", "NFT_NAT", "DEBUG_INFO_BTF"};
    const auto features = kernel::features_of(abilities);
    CHECK(features == std::vector<std::string>{"btf", "nft", "nft-nat"});
}

TEST_CASE("known features are sorted and unique") {
    auto names = kernel::known_features();
    CHECK(std::is_sorted(names.begin(), names.end()));
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

TEST_CASE("module names are those of lsmod") {
    CHECK(kernel::module_name("kernel/net/sched/act-foo.ko.xz") == "act_foo");
    CHECK(kernel::module_name("x.ko") == "x");
}

TEST_CASE("what scenarios may require is what can be found in a kernel") {
    auto names = kernel::known_features();
    std::sort(names.begin(), names.end());
    CHECK(names == scenario::feature_names());
}
