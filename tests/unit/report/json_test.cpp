// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/json.hpp"
#include "sample.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

using namespace nflab;

TEST_CASE("the document has the fields that its page promises") {
    const auto document = report::document({report::sample::failed_cell()});
    CHECK(document["format"] == 1);
    const auto& cell = document["cells"][0];
    CHECK(cell["status"] == "failed");
    CHECK(cell["kernel"]["release"] == "6.12.1-cloud-amd64");
    CHECK(cell["phases_ms"]["boot"] == 1500);
    CHECK(cell["lost"] == 3);
    const auto& step = cell["steps"][0];
    CHECK(step["passed"] == false);
    CHECK(step["rulesets"].empty());
    CHECK(step["sent"].size() == 2);
    CHECK(step["sent"][0]["result"] == "timeout");
    const auto& packet = step["packets"][0];
    CHECK(packet["sent"] == 0);
    CHECK(packet["direction"] == "original");
    CHECK(packet["records"][1]["rule_kind"] == "policy");
    CHECK(packet["outcome"] == "dropped at router, hook forward");
    CHECK(packet["explanation"].get<std::string>().find("FORWARD") != std::string::npos);
    CHECK(step["expectations"][1]["paths"] == nlohmann::json::array({0}));
}
