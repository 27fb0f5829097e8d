// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/base/file_watch.hpp"
#include "tests/catch.hpp"
#include "tests/unit/matrix/temporary_tree.hpp"

using nflab::FileWatch;
using Paths = std::vector<std::filesystem::path>;

TEST_CASE("a file that is written, and one that is put in its place, has changed") {
    const TemporaryTree tree;
    const std::string file = tree.write("case.yaml", "a");
    FileWatch watch;
    watch.add({file});
    tree.write("other.yaml", "nobody's");
    tree.write("case.yaml", "b");
    CHECK(watch.wait(".part.yaml") == Paths{file});
    const std::string beside = tree.write("case.yaml.new", "c");
    std::filesystem::rename(beside, file);
    CHECK(watch.wait(".part.yaml") == Paths{file});
}

TEST_CASE("files that are saved together are told together, and parts beside them, too") {
    const TemporaryTree tree;
    const std::string file = tree.write("case.yaml", "a");
    const std::string rules = tree.write("rules/x.nft", "a");
    FileWatch watch;
    watch.add({file});
    watch.add({rules, rules});
    const std::string part = tree.write("router.part.yaml", "a");
    tree.write("rules/x.nft", "b");
    CHECK(watch.wait(".part.yaml") == Paths{part, rules});
}

TEST_CASE("a folder that is not there cannot be watched") {
    FileWatch watch;
    CHECK_THROWS_AS(watch.add({"/nonexistent/case.yaml"}), nflab::Error);
}
