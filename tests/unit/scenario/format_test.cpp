// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/format.hpp"
#include "harness/scenario/reader.hpp"
#include "tests/catch.hpp"

#include <filesystem>

using nflab::scenario::format;

namespace {

std::string formatted(const std::string& text) {
    const auto result = format(text);
    for (const auto& problem : result.problems)
        UNSCOPED_INFO(problem.where.line << ":" << problem.where.column << ": " << problem.message);
    REQUIRE(result.text);
    return *result.text;
}

std::string message(const std::string& text) {
    const auto result = format(text);
    REQUIRE_FALSE(result.text);
    REQUIRE_FALSE(result.problems.empty());
    return result.problems[0].message;
}

} // namespace

TEST_CASE("indentation, blank lines, spaces and the order of the file's keys are one way") {
    CHECK(formatted(
              "\n\nsteps:\n- name:   s\n  run:\n      -   {on: a,command: 'ls  -l'}\n\n\n"
              "nodes:\n        a:   {kind:    vm ,addresses: {lan: [10.0.0.1,  \"fd00::1\"]}}\n"
              "name: x  \n") == "name: x\n"
                                "\n"
                                "nodes:\n"
                                "  a: { kind: vm, addresses: { lan: [10.0.0.1, \"fd00::1\"] } }\n"
                                "\n"
                                "steps:\n"
                                "  - name: s\n"
                                "    run:\n"
                                "      - { on: a, command: 'ls  -l' }\n");
}

TEST_CASE("comments stay beside what they are about") {
    const std::string text = "# of the file\n"
                             "name: x # it's a name\n"
                             "\n"
                             "# of the nodes\n"
                             "nodes: # all of them\n"
                             "  # of a\n"
                             "  a: { kind: netns } # a's\n"
                             "steps:\n"
                             "  # of the step\n"
                             "  - name: \"s # no comment\" # the step's\n"
                             "    # of the end\n"
                             "    run:\n"
                             "      - { on: a, command: echo a#b } # the command's\n"
                             "# at the end\n";
    CHECK(formatted(text) == text);
}

TEST_CASE("block scalars keep their text, whatever stands in it") {
    const std::string text = "name: x\n"
                             "steps:\n"
                             "  - apply:\n"
                             "      r:\n"
                             "        nftables: |\n"
                             "          table ip x { # no comment of ours\n"
                             "            chain y {\n"
                             "\n"
                             "              \"a\": b\n"
                             "          }\n"
                             "        iptables-legacy: |-\n"
                             "          *filter\n";
    CHECK(formatted(text) == text);
    CHECK(formatted("name: x\nsteps:\n- apply:\n    r:\n      nftables: |\n            a\n"
                    "              b\n") ==
          "name: x\nsteps:\n  - apply:\n      r:\n        nftables: |\n          a\n"
          "            b\n");
}

TEST_CASE("braces that are too long for a line, or hold comments, become lines") {
    const std::string much(50, 'x');
    CHECK(formatted("name: x\nsteps:\n  - expect:\n      - { at: " + much + ", packet: " + much +
                    ", by: { nft: ip a b } }\n") ==
          "name: x\nsteps:\n  - expect:\n      - at: " + much + "\n        packet: " + much +
              "\n        by: { nft: ip a b }\n");
    CHECK(formatted("name: x\nrequires: [\n  a, # first\n  b,\n]\n") ==
          "name: x\nrequires:\n  - a # first\n  - b\n");
    CHECK(formatted("name: x\nrequires: [a,\n   b]\n") == "name: x\nrequires: [a, b]\n");
}

TEST_CASE("what fmt does not rearrange it names") {
    CHECK(message("name: x\nnodes:\n  a: &n { kind: vm }\n  b: *n\n") ==
          "anchors, aliases and tags are not rearranged");
    CHECK(message("name: x\nsummary: this goes\n  on here\n") ==
          "this text goes on in the next line");
    CHECK(message("name: [\n").rfind("this is not YAML", 0) == 0);
    CHECK_FALSE(format("").text);
    CHECK_FALSE(format("- a\n").text);
}

TEST_CASE("every scenario of the project keeps its meaning, and a second time changes nothing") {
    std::size_t seen = 0;
    for (const char* folder : {"/scenarios", "/tests/scenarios", "/tests/unit/scenario/bad"})
        for (const auto& entry : std::filesystem::recursive_directory_iterator(
                 NFLAB_SOURCE_DIR + std::string(folder))) {
            if (entry.path().extension() != ".yaml")
                continue;
            const auto content = nflab::scenario::read_text_file(entry.path().string());
            REQUIRE(content.text);
            INFO(entry.path());
            const auto once = format(*content.text);
            if (!once.text) {
                // Mistakes in YAML itself, and what the other test names.
                CHECK_FALSE(once.problems.empty());
                CHECK(once.problems[0].message.find("beyond") == std::string::npos);
                continue;
            }
            ++seen;
            const auto twice = format(*once.text);
            REQUIRE(twice.text);
            CHECK(*twice.text == *once.text);
        }
    CHECK(seen > 50);
}
