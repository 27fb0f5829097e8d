// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/matrix/scenario_files.hpp"
#include "tests/catch.hpp"
#include "tests/unit/matrix/temporary_tree.hpp"

using nflab::matrix::scenario_files;

TEST_CASE("a folder stands for the scenarios below it, by name and each once") {
    const TemporaryTree tree;
    const std::string b = tree.write("b.yaml", "");
    const std::string a = tree.write("field/a.yml", "");
    tree.write("field/rules.nft", "");
    tree.write("schema.json", "");
    tree.write("parts/router.part.yaml", "");
    tree.write(".hidden.yaml", "");
    CHECK(scenario_files({tree.path().string()}) == std::vector<std::string>{b, a});
    CHECK(scenario_files({a, tree.path().string(), b}) == std::vector<std::string>{a, b});
}

TEST_CASE("a file that is not there is left to the reader, an empty folder is a mistake") {
    const TemporaryTree tree;
    CHECK(scenario_files({"nowhere.yaml"}) == std::vector<std::string>{"nowhere.yaml"});
    CHECK_THROWS_AS(scenario_files({tree.path().string()}), nflab::Error);
}
