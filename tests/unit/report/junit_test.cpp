// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/junit.hpp"
#include "sample.hpp"
#include "tests/catch.hpp"

using namespace nflab;

TEST_CASE("a failed step is a failed case, with its text escaped") {
    const std::string xml = report::junit({report::sample::failed_cell()});
    CHECK(xml.find("tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\"") != std::string::npos);
    CHECK(xml.find("ping &lt;through&gt; &amp; back") != std::string::npos);
    CHECK(xml.find("<failure message=\"expected at least one accept, seen: none\">") !=
          std::string::npos);
}

TEST_CASE("a broken lab is an error and a skipped cell is skipped") {
    auto cell = report::sample::failed_cell();
    cell.steps.clear();
    cell.reason = "guest panicked";
    cell.status = step::CellOutcome::Status::error;
    CHECK(report::junit({cell}).find("<error message=\"guest panicked\"/>") != std::string::npos);
    cell.status = step::CellOutcome::Status::skipped;
    CHECK(report::junit({cell}).find("<skipped message=\"guest panicked\"/>") != std::string::npos);
}
