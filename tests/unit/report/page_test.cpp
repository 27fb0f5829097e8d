// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/report/html_report.hpp"
#include "harness/report/page.hpp"
#include "harness/report/page_data.hpp"
#include "sample.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace nflab;

namespace {

nlohmann::json data_of(const std::vector<step::CellOutcome>& cells) {
    report::PageData data;
    for (std::size_t i = 0; i < cells.size(); ++i)
        data.add({i, "", "", ""}, cells[i]);
    return data.document();
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("packets that went the same way are one group, with an address for each") {
    const auto data = data_of({report::sample::failed_cell()});
    const auto& groups = data["cells"][0]["steps"][0]["groups"];
    REQUIRE(groups.size() == 1);
    CHECK(groups[0]["count"] == 2);
    CHECK(groups[0]["packets"][1][0] == 2);
    CHECK(groups[0]["kind"] == "dropped");
    CHECK(groups[0]["last"] == 1);
    CHECK(groups[0]["rows"].size() == 2);
}

TEST_CASE("a second cell of the same scenario adds no text") {
    const auto one = data_of({report::sample::failed_cell()});
    const auto two = data_of({report::sample::failed_cell(), report::sample::failed_cell()});
    CHECK(two["texts"].size() == one["texts"].size());
    CHECK(two["rows"].size() == one["rows"].size());
    CHECK(two["cells"].size() == 2);
}

TEST_CASE("the table of cells stands in the page itself, for those without JavaScript") {
    const std::string page = report::html_page(data_of({report::sample::failed_cell()}));
    CHECK(has(page, "<h1>1 of 1 cell is not good</h1>"));
    CHECK(has(page, "<tr data-cell=\"1\" data-status=\"failed\"><td><span class=\"status failed\">"
                    "failed</span></td><td><a href=\"#c1\">sample</a></td>"));
    CHECK(has(page, "<td class=\"note\">at least one accept; seen: none</td>"));
}

TEST_CASE("nothing that a scenario or a guest says is markup, and nothing comes from elsewhere") {
    auto cell = report::sample::failed_cell();
    cell.scenario_name = "</script><b>";
    cell.scenario_text = "</script><script>alert(1)</script> @DATA@";
    const std::string page = report::html_page(data_of({cell}));
    CHECK_FALSE(has(page, "<b>"));
    CHECK_FALSE(has(page, "<script>alert"));
    CHECK(has(page, "default-src 'none'; script-src 'sha256-"));
    CHECK_FALSE(has(page, "src=\""));
    CHECK_FALSE(has(page, "http-equiv=\"refresh"));
}

TEST_CASE("a directory with anything else than a report is left alone") {
    const auto directory =
        std::filesystem::temp_directory_path() / fmt::format("nflab-report-{}", ::getpid());
    {
        report::HtmlReport first(directory / "new");
        first.cell({0, "", "", ""}, report::sample::failed_cell());
        first.run_ends();
    }
    CHECK_NOTHROW(report::HtmlReport(directory / "new"));
    std::ofstream(directory / "index.html") << "<html>somebody's</html>";
    CHECK_THROWS_AS(report::HtmlReport(directory), Error);
    std::filesystem::remove_all(directory);
}
