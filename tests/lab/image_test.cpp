// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/image.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

using namespace nflab;

TEST_CASE("the guest root has the same hash each time it is made") {
    const auto directory =
        std::filesystem::temp_directory_path() / fmt::format("nflab-root-{}", ::getpid());
    const image::Root first = image::build_root_in(directory / "first", {});
    const image::Root second = image::build_root_in(directory / "second", {});
    const image::Root cached = image::root(false, {});
    std::filesystem::remove_all(directory);
    CHECK(first.digest.size() == 64);
    CHECK(first.digest == second.digest);
    CHECK(first.digest == cached.digest);
}
