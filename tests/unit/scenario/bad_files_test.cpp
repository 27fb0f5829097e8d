// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/unit/scenario/read_text.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

using namespace nflab;

namespace {

/// What stands behind "#! " at the start of a file: the messages that it must give, in order.
std::vector<std::string> expected_messages(const std::string& text) {
    constexpr std::string_view mark = "#! ";
    std::vector<std::string> messages;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind(mark, 0) == 0)
            messages.push_back(line.substr(mark.size()));
    }
    return messages;
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

// Each file is one mistake, or a few together. To add one, write the scenario, and above it one
// "#! line:column: message; hint" for each mistake that is to be found.
TEST_CASE("every mistake is found where it stands, and nothing else") {
    const auto files = files_in(test::source_file("tests/unit/scenario/bad"));
    CHECK(files.size() >= 100);
    for (const auto& file : files) {
        INFO(file.string());
        const std::string text = test::content_of(file);
        const auto expected = expected_messages(text);
        CHECK_FALSE(expected.empty());
        CHECK(test::messages(test::read(text)) == expected);
    }
}
