// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/kernel/headers.hpp"
#include "tests/catch.hpp"

using namespace nflab;
using kernel::Package;
using Words = std::vector<std::string>;

TEST_CASE("a headers lock reads back as it was written") {
    const std::string hash(64, 'c');
    const Package headers{
        "linux-headers-6.12.9-amd64", "6.12.9-1", "trixie", "pool/h.deb", 7, hash};
    const Package gcc{"gcc-14", "14.2.0-19", "trixie", "pool/g.deb", 8, hash};
    kernel::HeadersLock lock;
    lock.toolchains.push_back({"trixie-gcc-14", {gcc}});
    lock.headers.push_back({"6.12.9-amd64", "trixie-gcc-14", {headers}});
    const auto read = kernel::parse_headers_lock(kernel::format_headers_lock(lock), "lock");
    REQUIRE(read.find_headers("6.12.9-amd64"));
    CHECK(read.find_headers("6.12.9-amd64")->packages == std::vector<Package>{headers});
    REQUIRE(read.find_toolchain("trixie-gcc-14"));
    CHECK(read.find_toolchain("trixie-gcc-14")->packages == std::vector<Package>{gcc});
    CHECK_FALSE(read.find_headers("6.12"));

    lock.headers.front().toolchain = "sid-gcc-16";
    CHECK_THROWS_AS(kernel::parse_headers_lock(kernel::format_headers_lock(lock), "lock"), Error);
}

TEST_CASE("suites share their base's toolchain") {
    CHECK(kernel::base_suite("trixie-security") == "trixie");
    CHECK(kernel::base_suite("trixie-backports") == "trixie");
    CHECK(kernel::base_suite("sid") == "sid");
}

TEST_CASE("a build needs what headers depend on, but for the kernel's own packages") {
    CHECK(
        kernel::build_dependencies(
            "linux-base (>= 4.12~), linux-headers-6.12.9-common (= 6.12.9-1), "
            "linux-image-6.12.9-amd64 (= 6.12.9-1) | linux-image-6.12.9-amd64-unsigned, gcc-14") ==
        Words{"gcc-14"});
    CHECK(kernel::build_dependencies("linux-kbuild-5.10 (>= 5.10.1), linux-compiler-gcc-10-x86") ==
          Words{"linux-compiler-gcc-10-x86"});
    CHECK(kernel::build_dependencies("libc6 (>= 2.38), libelf1t64:any (>= 0.144), pahole\n") ==
          Words{"libc6", "libelf1t64", "pahole"});
    CHECK(kernel::build_dependencies("").empty());
}

TEST_CASE("headers' packages by convention") {
    CHECK(kernel::conventional_headers("6.18.15+deb13-cloud-amd64") ==
          Words{"linux-headers-6.18.15+deb13-cloud-amd64", "linux-headers-6.18.15+deb13-common",
                "linux-kbuild-6.18.15+deb13"});
    CHECK(kernel::conventional_headers("6.12.117+deb13-rt-amd64")[1] ==
          "linux-headers-6.12.117+deb13-common-rt");
    CHECK_THROWS_AS(kernel::conventional_headers("6.9.0-custom"), Error);
}
