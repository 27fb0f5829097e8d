// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/process/command.hpp"
#include "harness/report/junit.hpp"
#include "sample.hpp"
#include "tests/catch.hpp"

using namespace nflab;
using step::CellOutcome;

namespace {

std::string junit(const std::vector<CellOutcome>& cells) {
    std::string document;
    report::JUnit listener([&](std::string_view text) { document += text; });
    for (std::size_t i = 0; i < cells.size(); ++i)
        listener.cell({i, "", "", ""}, cells[i]);
    listener.run_ends();
    return document;
}

CellOutcome cell_without_steps(CellOutcome::Status status) {
    CellOutcome cell = report::sample::failed_cell();
    cell.steps.clear();
    cell.reason = "guest panicked";
    cell.status = status;
    return cell;
}

} // namespace

TEST_CASE("a failed step is a failed case, with its text escaped") {
    const std::string xml = junit({report::sample::failed_cell()});
    CHECK(xml.find("tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\"") != std::string::npos);
    CHECK(xml.find("ping &lt;through&gt; &amp; back") != std::string::npos);
    CHECK(xml.find("<failure type=\"expectation\" message=\"expected at least one accept, seen: "
                   "none\">") != std::string::npos);
    CHECK(
        xml.find("<property name=\"reproduce\" value=\"nflab run sample.yaml --kernel 6.12\"/>") !=
        std::string::npos);
}

TEST_CASE("a broken lab is an error and a skipped cell is skipped") {
    CHECK(junit({cell_without_steps(CellOutcome::Status::error)})
              .find("<error type=\"lab\" message=\"guest panicked\">") != std::string::npos);
    CHECK(junit({cell_without_steps(CellOutcome::Status::skipped)})
              .find("<skipped message=\"guest panicked\"/>") != std::string::npos);
}

TEST_CASE("JUnit XML is valid by what Ant's and Jenkins' schemas have in common") {
    CellOutcome odd = report::sample::failed_cell();
    odd.steps[0].name = "control \x01 and no UTF-8: \xff\xc3";
    odd.steps[0].commands.push_back({"router", "cat /dev/urandom", 0, 0, false, "\x1b[1m\xfe", ""});
    CellOutcome good = report::sample::failed_cell();
    good.steps[0].checks.pop_back();
    good.status = CellOutcome::Status::passed;
    const std::string xml = junit({report::sample::failed_cell(), odd, good,
                                   cell_without_steps(CellOutcome::Status::error),
                                   cell_without_steps(CellOutcome::Status::skipped)});
    Command command;
    command.argv = {"xmllint", "--noout", "--schema",
                    NFLAB_SOURCE_DIR "/tests/unit/report/junit.xsd", "-"};
    command.input = xml;
    const CommandResult result = run(command);
    INFO(result.err);
    CHECK(result.exit_code == 0);
}
