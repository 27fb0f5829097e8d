// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/image/root_recipe.hpp"
#include "harness/kernel/catalogue.hpp"
#include "tests/catch.hpp"

#include <algorithm>

using namespace nflab;

TEST_CASE("packages are unpacked over merged /usr, without what nobody reads") {
    image::RootRecipe recipe;
    recipe.prune = {"usr/share/doc", "usr/lib/systemd"};
    CHECK(image::place_in_root(recipe, "bin/bash") == "usr/bin/bash");
    CHECK(image::place_in_root(recipe, "lib64/ld-linux-x86-64.so.2") ==
          "usr/lib64/ld-linux-x86-64.so.2");
    CHECK(image::place_in_root(recipe, "library/x") == "library/x");
    CHECK(image::place_in_root(recipe, "etc/services") == "etc/services");
    CHECK_FALSE(image::place_in_root(recipe, "usr/share/doc/bash/README"));
    CHECK_FALSE(image::place_in_root(recipe, "lib/systemd/system/x.service"));
    CHECK(image::place_in_root(recipe, "usr/share/docs") == "usr/share/docs");
}

TEST_CASE("mistakes in the recipe are told with line and column") {
    try {
        image::parse_root_recipe("suites: [bookworm]\npackages: bash\n", "root.yaml");
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(std::string(error.what()) == "root.yaml:2:11: 'packages' has the wrong shape");
    }
}

TEST_CASE("the recipe of this source tree keeps what its lock has") {
    const std::string images = std::string(NFLAB_SOURCE_DIR) + "/images/";
    const auto recipe =
        image::parse_root_recipe(kernel::read_text(images + "root.yaml"), "root.yaml");
    const auto locked =
        kernel::parse_package_lock(kernel::read_text(images + "root.lock.yaml"), "root.lock.yaml");
    for (const std::string& name : recipe.packages) {
        INFO(name);
        CHECK(std::any_of(locked.begin(), locked.end(),
                          [&](const kernel::Package& package) { return package.name == name; }));
    }
    for (const kernel::Package& package : locked) {
        INFO(package.name);
        CHECK(recipe.without.count(package.name) == 0);
    }
    CHECK(recipe.links.at("usr/sbin/iptables") == "iptables-nft");
}
