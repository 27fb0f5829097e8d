// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/apt.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>

using namespace nflab;

TEST_CASE("the closure is what apt-get --print-uris prints") {
    const std::string hash(64, 'c');
    // Recorded from apt 2.6.1, with shortened hashes.
    const std::string text = fmt::format(
        "Reading package lists...\n"
        "'http://m.example/debian/pool/main/g/gmp/libgmp10_6.2.1%2bdfsg1-1.1_amd64.deb' "
        "libgmp10_2%3a6.2.1+dfsg1-1.1_amd64.deb 562588 SHA256:{0}\n"
        "'http://m.example/debian-security/pool/updates/main/o/openssl/libssl3_3.0.22_amd64.deb' "
        "libssl3_3.0.22_amd64.deb 2039888 SHA256:{0}\n"
        "'http://m.example/debian/pool/x_1_all.deb' x_1_all.deb 10 MD5Sum:abc\n"
        "'http://elsewhere.example/pool/y_1_all.deb' y_1_all.deb 10 SHA256:{0}\n",
        hash);
    kernel::Mirrors mirrors;
    mirrors.debian = "http://m.example/debian";
    mirrors.security = "http://m.example/debian-security";
    const auto packages =
        kernel::parse_print_uris(text, mirrors, {"bookworm", "bookworm-security"});
    REQUIRE(packages.size() == 2);
    CHECK(packages[0] == kernel::Package{"libgmp10", "2:6.2.1+dfsg1-1.1", "bookworm",
                                         "pool/main/g/gmp/libgmp10_6.2.1+dfsg1-1.1_amd64.deb",
                                         562588, hash});
    CHECK(packages[1].suite == "bookworm-security");
    CHECK(packages[1].file == "pool/updates/main/o/openssl/libssl3_3.0.22_amd64.deb");
}
