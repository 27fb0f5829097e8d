// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/sites/probed.hpp"
#include "harness/sites/table.hpp"
#include "tests/catch.hpp"
#include "tests/unit/probesite/fixture.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace nflab;
using Agreement = sites::DebugFinding::Agreement;

namespace {

const std::string release = "7.3.4+deb13-cloud-amd64";

/// A kernel with nf_tables only.
std::vector<sites::KernelReport> one_kernel() {
    const auto bytes = probesite::load_module(release, "nf_tables");
    sites::KernelReport report;
    report.release = release;
    report.version = "7.3.4-1~bpo13+1";
    report.suite = "trixie-backports";
    report.functions = sites::examine({{"nf_tables", std::string(bytes.begin(), bytes.end())}}, {});
    return {report};
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("the table has a row per kernel and names kernels without the module") {
    const std::string text = sites::to_markdown(one_kernel());
    INFO(text);
    CHECK(has(text, "| " + release + " | 7.3.4-1~bpo13+1 |"));
    CHECK(has(text, "| +0x17b | +0x437 |"));
    CHECK(has(text, "Without a module ip_tables: " + release + "."));
    CHECK_FALSE(has(text, " ms"));
}

TEST_CASE("a kernel that nobody can install any more is named, and is no failure") {
    auto reports = one_kernel();
    reports.push_back({});
    reports[1].release = "5.10.0-44-amd64";
    reports[1].problem = "listed, but gone from the archive";
    reports[1].is_gone = true;
    CHECK(sites::is_clean(reports[1]));
    CHECK(has(sites::to_markdown(reports), "gone from the archive: 5.10.0-44-amd64."));
    CHECK(has(sites::summary(reports), "2 kernels, 1 of them listed, but gone"));
    reports[1].is_gone = false;
    CHECK_FALSE(sites::is_clean(reports[1]));
}

TEST_CASE("every row of a table has as many cells as its head") {
    auto reports = one_kernel();
    reports.push_back(reports.front());
    reports.back().functions[0].state = sites::FunctionReport::State::refused;
    reports.back().functions[0].refusal = {"coverage", "there is a way around it"};
    const std::string text = sites::to_markdown(reports);
    std::vector<std::size_t> bars;
    std::size_t at = text.find("| kernel");
    while (at < text.size() && text[at] == '|') {
        const std::size_t end = text.find('\n', at);
        bars.push_back(static_cast<std::size_t>(
            std::count(text.begin() + static_cast<std::ptrdiff_t>(at),
                       text.begin() + static_cast<std::ptrdiff_t>(end), '|')));
        at = end + 1;
    }
    REQUIRE(bars.size() == 4);
    for (const std::size_t count : bars)
        CHECK(count == bars.front());
    CHECK(has(text, "**refused** at coverage: there is a way around it"));
}

TEST_CASE("the document has sites, registers, layout, checks and build-id") {
    const nlohmann::json document = sites::to_json(one_kernel());
    REQUIRE(document.size() == 1);
    const auto& nft = document[0].at("functions").at(0);
    CHECK(nft.at("state") == "resolved");
    CHECK(nft.at("build_id").get<std::string>().size() == 40);
    CHECK(nft.at("sites").at(0).at("offset") == 0x17b);
    CHECK(nft.at("sites").at(0).at("values").at("rule") == "r14");
    CHECK(nft.at("layout") == "nft_rule_dp, nft_table.name at 432");
    CHECK_FALSE(nft.at("checks").empty());
    CHECK(document[0].at("functions").at(1).at("state") == "absent");
}

TEST_CASE("a disagreement with debug symbols stands out") {
    auto reports = one_kernel();
    reports[0].has_debug_symbols = true;
    reports[0].functions[0].findings = {
        {"verdict", "rule", "rule", "r14", "r14", Agreement::agrees},
        {"verdict", "pkt", "pkt", "r15", "", Agreement::unknown}};
    CHECK(sites::is_clean(reports[0]));
    CHECK(has(sites::to_markdown(reports), "| yes, 1 of 1 |"));
    reports[0].functions[0].findings[1].agreement = Agreement::differs;
    CHECK_FALSE(sites::is_clean(reports[0]));
    CHECK(has(sites::to_markdown(reports), "| **no**, 1 of 2 |"));
    CHECK(has(sites::to_text(reports), "DIFFERS"));
    CHECK(has(sites::summary(reports), "1 values agree, 1 differ"));
}
