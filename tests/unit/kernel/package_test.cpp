// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/debian_version.hpp"
#include "harness/kernel/package.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>

using namespace nflab;
using kernel::compare_debian_versions;
using kernel::Package;

namespace {

const std::string hash(64, '0');

Package package(const std::string& name, const std::string& version, std::uint64_t size) {
    return {name, version, "sid", "pool/" + name, size, hash};
}

} // namespace

TEST_CASE("Debian versions are ordered as dpkg orders them") {
    CHECK(compare_debian_versions("6.12.117-1", "6.12.117-1~deb12u1") > 0);
    CHECK(compare_debian_versions("6.12.9-1", "6.12.10-1") < 0);
    CHECK(compare_debian_versions("7.3~rc7-1~exp1", "7.3-1") < 0);
    CHECK(compare_debian_versions("1:1.0", "2.0") > 0);
    CHECK(compare_debian_versions("1.0", "1.0-0") == 0);
    CHECK(compare_debian_versions("1.0a", "1.0+") < 0);
    CHECK(compare_debian_versions("1.002", "1.2") == 0);
    CHECK(compare_debian_versions("2.36-9+deb12u14", "2.36-9+deb12u9") > 0);
}

TEST_CASE("stanzas of a Packages index are read, incomplete ones left out") {
    const std::string text = fmt::format("Package: linux-image-1\nVersion: 1-1\n"
                                         "Description: x\n more: y\nFilename: pool/a.deb\n"
                                         "Size: 12\nSHA256: {0}\n\n"
                                         "Package: other\nVersion: 1\nFilename: b\nSize: 1\n"
                                         "SHA256: {0}\n\n"
                                         "Package: linux-image-2\nVersion: 2\nSize: 1\n",
                                         hash);
    const auto found = kernel::parse_packages_index(
        text, "trixie", [](std::string_view name) { return name.rfind("linux-", 0) == 0; });
    REQUIRE(found.size() == 1);
    CHECK(found[0] == Package{"linux-image-1", "1-1", "trixie", "pool/a.deb", 12, hash});
}

TEST_CASE("the newest complete build of series and flavour comes first") {
    const std::vector<Package> packages = {
        package("linux-image-6.12.9+deb13-cloud-amd64", "6.12.9-1", 30'000'000),
        package("linux-image-6.12.10+deb13-cloud-amd64", "6.12.10-1", 30'000'000),
        package("linux-image-6.12.10+deb13-cloud-amd64-unsigned", "6.12.10-1", 30'000'000),
        package("linux-image-6.12.11+deb13-amd64", "6.12.11-1", 90'000'000),
        package("linux-image-6.12.12+deb13-cloud-amd64", "6.12.12-1", 1'500),
        package("linux-image-6.1.0-50-cloud-amd64", "6.1.176-1", 26'000'000),
        package("linux-image-6.12-cloud-amd64", "6.12.117-1~deb12u1", 1'512),
    };
    const auto builds = kernel::find_builds(packages, "6.12", "cloud-amd64");
    REQUIRE(builds.size() == 2);
    CHECK(builds[0].release == "6.12.10+deb13-cloud-amd64");
    CHECK(builds[1].version == "6.12.9-1");
    CHECK(kernel::find_builds(packages, "6.12", "amd64").front().release == "6.12.11+deb13-amd64");
    CHECK(kernel::find_builds(packages, "6.1", "cloud-amd64").size() == 1);
}

TEST_CASE("split packages count only when all three have one version") {
    std::vector<Package> packages = {
        package("linux-image-7.2.13-cloud-amd64", "7.2.13-1", 1'900),
        package("linux-binary-7.2.13-cloud-amd64", "7.2.13-1", 13'000'000),
        package("linux-modules-7.2.13-cloud-amd64", "7.2.13-1", 23'000'000),
    };
    CHECK(kernel::find_builds(packages, "7.2", "cloud-amd64").empty());
    packages.push_back(package("linux-base-7.2.13-cloud-amd64", "7.2.13-2", 400'000));
    CHECK(kernel::find_builds(packages, "7.2", "cloud-amd64").empty());
    packages.back().version = "7.2.13-1";
    const auto builds = kernel::find_builds(packages, "7.2", "cloud-amd64");
    REQUIRE(builds.size() == 1);
    CHECK(builds[0].packages.size() == 3);
    CHECK(kernel::describe(builds[0].packages) == "linux-binary-7.2.13-cloud-amd64 7.2.13-1");
}

TEST_CASE("every complete build is found once, signed where it was signed") {
    const std::vector<Package> packages = {
        package("linux-image-amd64", "6.12.117-1", 1'476),
        package("linux-image-6.12.117+deb13-rt-amd64", "6.12.117-1", 108'000'000),
        package("linux-image-6.12.117+deb13-rt-amd64", "6.12.117-1", 108'000'000),
        package("linux-image-6.12.117+deb13-rt-amd64-unsigned", "6.12.117-1", 108'000'000),
        package("linux-image-6.12.117+deb13-rt-amd64-dbg", "6.12.117-1", 1'100'000'000),
        package("linux-image-6.12.118+deb13-amd64-unsigned", "6.12.118-1", 108'000'000),
        package("linux-binary-unsigned-7.3-cloud-amd64", "7.3~rc7-1~exp1", 13'000'000),
        package("linux-modules-7.3-cloud-amd64", "7.3~rc7-1~exp1", 21'000'000),
        package("linux-base-7.3-cloud-amd64", "7.3~rc7-1~exp1", 357'000),
        package("linux-modules-7.3-amd64", "7.3~rc7-1~exp1", 103'000'000),
    };
    const auto builds = kernel::all_builds(packages);
    REQUIRE(builds.size() == 3);
    CHECK(builds[0].release == "7.3-cloud-amd64");
    CHECK(builds[0].is_unsigned);
    CHECK(builds[0].packages.size() == 3);
    CHECK(builds[1].release == "6.12.118+deb13-amd64");
    CHECK(builds[1].is_unsigned);
    CHECK(builds[2].release == "6.12.117+deb13-rt-amd64");
    CHECK_FALSE(builds[2].is_unsigned);
    // A lab's kernel is one that users boot.
    CHECK(kernel::find_builds(packages, "6.12", "amd64").empty());
}

TEST_CASE("a flavour is what follows the version") {
    CHECK(kernel::flavour_of("6.1.0-56-cloud-amd64") == "cloud-amd64");
    CHECK(kernel::flavour_of("6.1.0-0.deb11.48-rt-amd64") == "rt-amd64");
    CHECK(kernel::flavour_of("7.3-amd64") == "amd64");
    CHECK(kernel::flavour_of("7.3.4").empty());
}
