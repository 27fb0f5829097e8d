// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/module_file.hpp"
#include "harness/image/module_set.hpp"
#include "tests/catch.hpp"
#include "tests/unit/image/fake_module.hpp"

using namespace nflab;

TEST_CASE("a module says what it needs") {
    const auto needs = image::module_needs(test::fake_module(
        {"license=GPL", "depends=nf_conntrack,nf-defrag", "softdep=pre: crc32c post: other-one"}));
    CHECK(needs.depends == std::vector<std::string>{"nf_conntrack", "nf_defrag"});
    CHECK(needs.soft == std::vector<std::string>{"crc32c", "other_one"});
    CHECK(image::module_needs("not ELF").depends.empty());
    CHECK(image::module_needs(test::fake_module({}).substr(0, 70)).depends.empty());
}

TEST_CASE("the signature is cut off, and nothing else") {
    const std::string module = test::fake_module({"depends="});
    CHECK(image::without_signature(module) == module);
    CHECK(image::without_signature(module + test::fake_signature(683)) == module);
    // A length that is more than there is: better signed than broken.
    const std::string odd = "x" + test::fake_signature(10).substr(10);
    CHECK(image::without_signature(odd) == odd);
}

TEST_CASE("modules for networks are taken, others only when these need them") {
    const std::map<std::string, std::string> files = {
        {"kernel/net/netfilter/nf_tables.ko.xz", test::fake_module({"depends=nfnetlink,odd"})},
        {"kernel/net/netfilter/nfnetlink.ko.xz", test::fake_module({"depends="})},
        {"kernel/drivers/misc/odd.ko.xz", test::fake_module({"depends="})},
        {"kernel/drivers/gpu/drm.ko.xz", test::fake_module({"depends="})},
    };
    std::vector<std::string> paths;
    paths.reserve(files.size());
    for (const auto& [path, content] : files)
        paths.push_back(path);
    const auto set = image::ModuleSet::select(
        paths, image::is_wanted_module, [&](const std::string& path) { return files.at(path); });
    CHECK(set.modules().size() == 3);
    CHECK(set.modules().at("odd").path == "kernel/drivers/misc/odd.ko");
    CHECK(set.load_order({"nf_tables", "not_there"}) ==
          std::vector<std::string>{"nfnetlink", "odd", "nf_tables"});
}

TEST_CASE("a soft dependency may be an alias, and is loaded before what asks for it") {
    // libcrc32c gets its algorithm by name; in the initramfs there is no modprobe to fetch it.
    const std::map<std::string, std::string> files = {
        {"kernel/crypto/crc32c_generic.ko", test::fake_module({"alias=crc32c", "depends="})},
        {"kernel/crypto/sha1_generic.ko", test::fake_module({"alias=sha1", "depends="})},
        {"kernel/fs/erofs/erofs.ko", test::fake_module({"depends=libcrc32c"})},
        {"kernel/lib/libcrc32c.ko", test::fake_module({"softdep=pre: crc32c", "depends="})},
    };
    std::vector<std::string> paths;
    paths.reserve(files.size());
    for (const auto& [path, content] : files)
        paths.push_back(path);
    const auto set = image::ModuleSet::select(
        paths, image::is_wanted_module, [&](const std::string& path) { return files.at(path); });
    CHECK(set.load_order({"erofs"}) ==
          std::vector<std::string>{"crc32c_generic", "libcrc32c", "erofs"});
}

TEST_CASE("folders of hardware that no guest has are left out") {
    CHECK(image::is_wanted_module("kernel/net/ipv4/netfilter/ip_tables.ko"));
    CHECK(image::is_wanted_module("kernel/drivers/net/vxlan/vxlan.ko.xz"));
    CHECK(image::is_wanted_module("kernel/drivers/net/veth.ko"));
    CHECK_FALSE(image::is_wanted_module("kernel/drivers/net/ethernet/intel/ice/ice.ko"));
    CHECK_FALSE(image::is_wanted_module("kernel/net/bluetooth/bluetooth.ko"));
}
