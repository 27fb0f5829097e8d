// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/bzimage.hpp"
#include "tests/catch.hpp"
#include "tests/unit/kernel/fake_bzimage.hpp"

using namespace nflab;

TEST_CASE("a bzImage's header names release and payload") {
    const std::string image = test::fake_bzimage("6.12.1-mine", "PAYLOAD");
    CHECK(kernel::is_bzimage(image));
    CHECK(kernel::bzimage_release(image) == "6.12.1-mine");
    CHECK(kernel::bzimage_payload(image) == "PAYLOAD");
}

TEST_CASE("offsets that lead out of a bzImage give nothing") {
    std::string image = test::fake_bzimage("6.12.1", "PAYLOAD");
    image[0x24c + 3] = '\x7f';
    CHECK(kernel::bzimage_payload(image).empty());
    CHECK(kernel::bzimage_payload(image.substr(0, 0x250)).empty());
    CHECK_FALSE(kernel::is_bzimage("\177ELF"));
    CHECK(kernel::bzimage_release("\177ELF").empty());
}
