// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/kernel/kernel.hpp"
#include "tests/catch.hpp"
#include "tests/unit/kernel/temporary_directory.hpp"

using namespace nflab;

TEST_CASE("an unknown kernel is met with the nearest known one") {
    const test::TemporaryDirectory directory;
    try {
        kernel::find("6.21", {}, {});
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.failure() == Failure::bad_input);
        CHECK(std::string(error.what()).find("unknown kernel '6.21'") != std::string::npos);
        CHECK(std::string(error.what()).find("6.1") != std::string::npos);
        CHECK(error.hint().find("5.10, 6.1, 6.12") != std::string::npos);
    }
}

TEST_CASE("modules are not given to a kernel that has its own") {
    const test::TemporaryDirectory directory;
    kernel::FindOptions options;
    options.modules = directory.path();
    CHECK_THROWS_AS(kernel::find("6.12", options, {}), Error);
}

TEST_CASE("the list names every kernel of the catalogue and one default") {
    const test::TemporaryDirectory directory;
    int defaults = 0;
    for (const kernel::Listed& line : kernel::list()) {
        CHECK_FALSE(line.cached);
        CHECK_FALSE(line.release.empty());
        defaults += line.is_default ? 1 : 0;
    }
    CHECK(defaults == 1);
}
