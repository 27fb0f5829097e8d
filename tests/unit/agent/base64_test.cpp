// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/base64.hpp"
#include "tests/catch.hpp"

using nflab::agent::decode_base64;

TEST_CASE("base64 as in RFC 4648") {
    CHECK(decode_base64("") == "");
    CHECK(decode_base64("Zg==") == "f");
    CHECK(decode_base64("Zm8=") == "fo");
    CHECK(decode_base64("Zm9v") == "foo");
    CHECK(decode_base64("Zm9vYmFy") == "foobar");
    CHECK(decode_base64("/+8A") == std::string("\xff\xef\0", 3));
    for (const char* wrong : {"Z", "Zg", "Zg=", "Zm9v!mFy", "Z===", "Zg==Zg=="})
        CHECK_FALSE(decode_base64(wrong));
}
