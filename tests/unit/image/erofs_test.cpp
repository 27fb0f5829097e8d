// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/erofs.hpp"
#include "harness/kernel/digest.hpp"
#include "tests/catch.hpp"
#include "tests/unit/kernel/temporary_directory.hpp"

#include <algorithm>

using namespace nflab;

TEST_CASE("two trees with the same files give the same erofs") {
    const test::TemporaryDirectory directory;
    std::vector<std::string> names;
    names.reserve(40);
    for (int i = 0; i < 40; ++i)
        names.push_back("d" + std::to_string(i % 7) + "/file" + std::to_string(i));
    for (const std::string& name : names)
        directory.write("one/" + name, "content of " + name);
    std::reverse(names.begin(), names.end());
    for (const std::string& name : names)
        directory.write("two/" + name, "content of " + name);
    image::make_erofs(directory.path() / "one", directory.path() / "one.erofs");
    image::make_erofs(directory.path() / "two", directory.path() / "two.erofs");
    const std::string digest = kernel::sha256_of_file(directory.path() / "one.erofs");
    CHECK(digest == kernel::sha256_of_file(directory.path() / "two.erofs"));
    directory.write("two/d1/file1", "other content");
    image::make_erofs(directory.path() / "two", directory.path() / "three.erofs");
    CHECK(digest != kernel::sha256_of_file(directory.path() / "three.erofs"));
}
