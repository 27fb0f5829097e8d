// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/include.hpp"
#include "harness/scenario/keys.hpp"
#include "harness/scenario/schema.hpp"
#include "tests/catch.hpp"
#include "tests/unit/scenario/read_text.hpp"

#include <nlohmann/json.hpp>

#include <sstream>
#include <string>
#include <vector>

using namespace nflab;

namespace {

/// One block of the page: ```yaml is a whole scenario; the word behind it, as in ```yaml node, says
/// which part of one it is.
struct Example {
    std::string part;
    std::string text;
    int line = 0;
};

std::vector<Example> examples(const std::string& page) {
    constexpr std::string_view fence = "```yaml";
    std::vector<Example> found;
    bool inside = false;
    std::istringstream lines(page);
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
        if (!inside && line.rfind(fence, 0) == 0) {
            inside = true;
            const auto word = line.find_first_not_of(' ', fence.size());
            found.push_back({word == std::string::npos ? "" : line.substr(word), {}, number});
        } else if (inside && line == "```") {
            inside = false;
        } else if (inside) {
            found.back().text += line + '\n';
        }
    }
    return found;
}

std::string indented(const std::string& text, const std::string& indent) {
    std::string result;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        result += indent + line + '\n';
    return result;
}

/// The example as a whole scenario.
std::string completed(const Example& example) {
    if (example.part.empty())
        return example.text;
    if (example.part == "top")
        return example.text + test::topology();
    if (example.part == "node")
        return test::topology() + indented(example.text, "  ");
    if (example.part == "step")
        return test::topology() + "steps:\n" + indented(example.text, "  ");
    REQUIRE(example.part == "expect");
    return test::topology() +
           "steps:\n  - send: [{ ping: server, from: client, count: 3 }]\n    expect:\n" +
           indented(example.text, "      ");
}

/// A capture of one frame, as pcap-savefile(5) says: little-endian, microseconds, Ethernet.
std::string capture_file() {
    std::string bytes("\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0", 24);
    bytes += std::string("\0\0\0\0\0\0\0\0\16\0\0\0\16\0\0\0", 16);
    return bytes + std::string(14, '\0');
}

scenario::FileContent any_file(const std::string& path) {
    if (path.ends_with(".pcap"))
        return {capture_file(), {}};
    const bool part = path.find(scenario::part_suffix) != std::string::npos;
    return {part ? "summary: a part\n" : "flush ruleset\n", {}};
}

void collect_keys(const scenario::Object& object, std::vector<std::string>& keys) {
    for (const auto& key : object.keys) {
        keys.emplace_back(key.name);
        if (key.object != nullptr)
            collect_keys(*key.object, keys);
    }
}

} // namespace

TEST_CASE("every example of docs/scenarios.md reads") {
    const auto found = examples(test::content_of(test::source_file("docs/scenarios.md")));
    CHECK(found.size() >= 10);
    for (const auto& example : found) {
        INFO("docs/scenarios.md:" << example.line);
        const auto result = scenario::read(completed(example), "case.yaml", any_file);
        const std::vector<std::string> none;
        CHECK(test::messages(result) == none);
    }
}

TEST_CASE("docs/scenarios.md explains every key") {
    const std::string page = test::content_of(test::source_file("docs/scenarios.md"));
    std::vector<std::string> keys;
    collect_keys(scenario::scenario_object, keys);
    for (const auto& key : keys) {
        INFO(key);
        CHECK(page.find('`' + key + '`') != std::string::npos);
    }
}

// After a change of the key tables: nflab validate --schema > scenarios/schema.json
TEST_CASE("scenarios/schema.json says what the reader takes") {
    CHECK(test::content_of(test::source_file("scenarios/schema.json")) ==
          scenario::schema().dump(2) + '\n');
}

TEST_CASE("every scenario that we ship reads") {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(test::source_file("scenarios"))) {
        if (entry.path().extension() != ".yaml" || entry.path().stem().extension() == ".part")
            continue;
        INFO(entry.path().string());
        CHECK_NOTHROW(scenario::load(entry.path()));
    }
}
