// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/mirrors.hpp"
#include "tests/catch.hpp"

using namespace nflab;

TEST_CASE("a host that says nothing gets Debian's own mirrors") {
    const auto mirrors = kernel::choose_mirrors("", "");
    CHECK(mirrors.debian == "http://deb.debian.org/debian");
    CHECK(mirrors.of_suite("trixie-security") == "http://deb.debian.org/debian-security");
    CHECK(mirrors.of_suite("trixie-backports") == "http://deb.debian.org/debian");
}

TEST_CASE("the host's mirrors are those whose origin is Debian") {
    const auto mirrors = kernel::choose_mirrors("Docker|bookworm|https://docker.example/debian\n"
                                                "Debian|bookworm|http://mirror.example/debian/\n"
                                                "Debian|bookworm-security|http://sec.example/s\n",
                                                "");
    CHECK(mirrors.debian == "http://mirror.example/debian");
    CHECK(mirrors.security == "http://sec.example/s");
}

TEST_CASE("before the first update the URIs of the sources say where the mirrors are") {
    const auto mirrors = kernel::choose_mirrors(
        "", "'https://docker.example/linux/debian/dists/bookworm/InRelease' docker 0 \n"
            "'http://m.example/debian/dists/bookworm/InRelease' m.example 0 \n"
            "'http://m.example/debian/dists/bookworm-updates/InRelease' m.example 0 \n"
            "'http://m.example/sec/dists/bookworm-security/InRelease' m.example 0 \n"
            "'http://m.example/debian/dists/bookworm/main/Packages.xz' x 0 \n");
    CHECK(mirrors.debian == "http://m.example/debian");
    CHECK(mirrors.security == "http://m.example/sec");
}

TEST_CASE("a cdrom is no mirror") {
    const auto mirrors = kernel::choose_mirrors("Debian|bookworm|cdrom:[Debian 12]\n", "");
    CHECK(mirrors.debian == "http://deb.debian.org/debian");
}
