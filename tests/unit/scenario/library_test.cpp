// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/unit/scenario/read_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

using namespace nflab;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> library(const std::string& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(test::source_file("scenarios/" + folder)))
        if (entry.path().extension() == ".yaml")
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

/// The scenario's row in scenarios/README.md.
std::string row(const std::string& folder, const scenario::Scenario& scenario) {
    return fmt::format("| [{0}]({1}/{0}.yaml) | {2} | {3} |\n", scenario.name, folder,
                       scenario.summary, scenario.origin);
}

bool is_address_of_a_page(const std::string& text) {
    return text.rfind("https://", 0) == 0 && text.find(' ') == std::string::npos;
}

} // namespace

TEST_CASE("the library's table lists every scenario as it is, and nothing else") {
    std::string table;
    for (const std::string folder : {"seeds", "field", "regressions"}) {
        for (const auto& file : library(folder)) {
            const scenario::Scenario scenario = scenario::load(file);
            INFO(file.string());
            CHECK(scenario.name == file.stem().string());
            CHECK_FALSE(scenario.summary.empty());
            CHECK((folder == "seeds" ? scenario.origin.rfind("seed ", 0) == 0
                                     : is_address_of_a_page(scenario.origin)));
            table += row(folder, scenario);
        }
    }
    std::string listed;
    std::istringstream readme(test::content_of(test::source_file("scenarios/README.md")));
    for (std::string line; std::getline(readme, line);)
        if (line.rfind("| [", 0) == 0)
            listed += line + "\n";
    CHECK(listed == table);
}

TEST_CASE("a scenario of the field shows what is broken and what mends it") {
    for (const auto& file : library("field")) {
        INFO(file.string());
        const scenario::Scenario scenario = scenario::load(file);
        CHECK(scenario.steps.size() >= 2);
        CHECK(std::any_of(scenario.steps.front().expect.begin(),
                          scenario.steps.front().expect.end(), [](const auto& expectation) {
                              return expectation.by.has_value() || !expectation.path.empty();
                          }));
    }
}

TEST_CASE("a regression expects one thing of some kernels and another of the others") {
    for (const auto& file : library("regressions")) {
        INFO(file.string());
        const scenario::Scenario scenario = scenario::load(file);
        std::vector<std::string> kernels;
        for (const auto& step : scenario.steps) {
            kernels.push_back(step.kernels);
            for (const auto& expectation : step.expect)
                kernels.push_back(expectation.kernels);
        }
        for (const char* side : {"<", ">="})
            CHECK(std::any_of(kernels.begin(), kernels.end(),
                              [&](const std::string& each) { return each.rfind(side, 0) == 0; }));
    }
}
