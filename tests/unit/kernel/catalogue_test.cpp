// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/kernel/catalogue.hpp"
#include "tests/catch.hpp"

#include <functional>

using namespace nflab;
using kernel::Package;

namespace {

const std::string hash_a(64, 'a');
const std::string hash_b(64, 'b');

std::string message_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        CHECK(error.failure() == Failure::bad_input);
        return error.what();
    }
    return "no error";
}

} // namespace

TEST_CASE("a kernel lock reads back as it was written") {
    const Package image{"linux-image-6.12.9+deb13-cloud-amd64", "6.12.9-1~bpo1", "trixie",
                        "pool/main/l/linux/x_amd64.deb",        34671208,        hash_a};
    const Package part{"linux-modules-7.2", "1:7.2-1", "sid", "pool/y.deb", 5, hash_b};
    const std::vector<kernel::LockedKernel> locked = {
        {"6.12", {"6.12.9+deb13-cloud-amd64", "6.12.9-1~bpo1", {image}}},
        {"7.2", {"7.2-cloud-amd64", "6.12.9-1~bpo1", {image, part}}}};
    const auto read = kernel::parse_kernel_lock(kernel::format_kernel_lock(locked), "lock");
    REQUIRE(read.size() == 2);
    CHECK(read[0].name == "6.12");
    CHECK(read[0].build.release == "6.12.9+deb13-cloud-amd64");
    CHECK(read[0].build.version == "6.12.9-1~bpo1");
    CHECK(read[0].build.packages == std::vector<Package>{image});
    CHECK(read[1].build.packages == std::vector<Package>{image, part});
}

TEST_CASE("a package lock reads back as it was written") {
    const std::vector<Package> packages = {
        {"bash", "5.2.15-2+b13", "bookworm", "pool/b", 1, hash_a},
        {"libgmp10", "2:6.2.1-1", "bookworm", "p", 2, hash_b}};
    CHECK(kernel::parse_package_lock(kernel::format_package_lock(packages), "l") == packages);
}

TEST_CASE("mistakes in a lock are told with line and column") {
    CHECK(message_of([] {
              kernel::parse_kernel_lock("version: 1\nkernels:\n  - name: x\n", "f");
          }).rfind("f:3:", 0) == 0);
    CHECK(message_of([] { kernel::parse_package_lock("version: 9\npackages: []\n", "f"); }) ==
          "f:1:10: version 9 of the lock format; this nflab reads version 1");
    CHECK(message_of([] { kernel::parse_package_lock("a: [", "f"); }).rfind("f:", 0) == 0);
    const std::string short_hash = "version: 1\npackages:\n  - {name: a, version: b, suite: c, "
                                   "file: d, size: 1, sha256: beef}\n";
    CHECK(message_of([&] {
              kernel::parse_package_lock(short_hash, "f");
          }).find("64 lower-case hex digits") != std::string::npos);
}

TEST_CASE("the catalogue's default must be one of its kernels") {
    const std::string text = "default: '6.13'\nsuites: [sid]\nkernels:\n"
                             "  - {name: '6.12', series: '6.12', flavour: cloud-amd64}\n";
    CHECK(message_of([&] { kernel::parse_catalogue(text, "k.yaml"); }) ==
          "k.yaml:1:10: the default '6.13' is not among the kernels");
}

TEST_CASE("the digest of packages depends on each of them") {
    const Package a{"a", "1", "s", "f", 1, hash_a};
    const Package b{"b", "1", "s", "f", 1, hash_b};
    CHECK(kernel::digest_of({a, b}) != kernel::digest_of({a}));
    CHECK(kernel::digest_of({a, b}).size() == 32);
}

TEST_CASE("the lock files of this source tree can be read and fit the catalogue") {
    const std::string images = std::string(NFLAB_SOURCE_DIR) + "/images/";
    const auto catalogue =
        kernel::parse_catalogue(kernel::read_text(images + "kernels.yaml"), "kernels.yaml");
    const auto locked =
        kernel::parse_kernel_lock(kernel::read_text(images + "kernels.lock.yaml"), "lock");
    CHECK(catalogue.default_name == "6.12");
    REQUIRE(locked.size() == catalogue.kernels.size());
    for (std::size_t i = 0; i < locked.size(); ++i) {
        CHECK(locked[i].name == catalogue.kernels[i].name);
        CHECK(locked[i].build.release.rfind(catalogue.kernels[i].series, 0) == 0);
    }
    CHECK(kernel::parse_package_lock(kernel::read_text(images + "root.lock.yaml"), "lock").size() >
          50);
}
