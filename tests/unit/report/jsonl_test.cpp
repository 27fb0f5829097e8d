// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/jsonl.hpp"
#include "sample.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <sstream>

using namespace nflab;
using nlohmann::json;

namespace {

std::vector<json> objects(const std::string& text) {
    std::vector<json> all;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        all.push_back(json::parse(line));
    return all;
}

} // namespace

TEST_CASE("each thing that happens is one line of JSON, written when it happens") {
    std::string text;
    report::JsonLines lines([&](std::string_view more) { text += more; });
    const report::CellName name{0, "sample", "sample.yaml", "6.12"};
    const step::CellOutcome cell = report::sample::failed_cell();
    lines.run_begins({name});
    lines.phase(name, "booting router");
    CHECK(objects(text).size() == 2);
    lines.notice("guests run under TCG");
    lines.step(name, 1, cell.steps[0]);
    lines.cell(name, cell);
    lines.run_ends();
    const auto all = objects(text);
    REQUIRE(all.size() == 6);
    CHECK(all[0]["type"] == "run");
    CHECK(all[0]["format"] == 1);
    CHECK(all[0]["cells"][0]["file"] == "sample.yaml");
    CHECK(all[1]["phase"] == "booting router");
    CHECK(all[2]["message"] == "guests run under TCG");
    CHECK(all[3]["type"] == "step");
    CHECK(all[3]["step"] == 1);
    CHECK(all[3]["packets"].size() == 2);
    CHECK(all[4]["type"] == "cell");
    CHECK(all[4]["status"] == "failed");
    CHECK(all[4]["steps"] == 1);
    CHECK(all[5]["failed"] == 1);
    CHECK(all[5]["passed"] == 0);
}

TEST_CASE("output that is not UTF-8 does not break the lines") {
    std::string text;
    report::JsonLines lines([&](std::string_view more) { text += more; });
    step::StepOutcome step;
    step.name = "odd";
    step.commands.push_back({"router", "head -c 2 /dev/urandom", 0, 0, false, "\xff\n\xc3", ""});
    lines.step({}, 1, step);
    CHECK(objects(text).at(0)["commands"][0]["stdout"] == "\xef\xbf\xbd\n\xef\xbf\xbd");
}
