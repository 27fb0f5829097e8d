// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/process/command.hpp"
#include "harness/report/tap.hpp"
#include "sample.hpp"
#include "tests/catch.hpp"

using namespace nflab;
using step::CellOutcome;

namespace {

std::string tap(const std::vector<CellOutcome>& cells) {
    std::string text;
    report::Tap listener([&](std::string_view more) { text += more; });
    listener.run_begins(std::vector<report::CellName>(cells.size()));
    for (const CellOutcome& cell : cells)
        listener.cell({}, cell);
    listener.run_ends();
    return text;
}

CellOutcome skipped_cell() {
    CellOutcome cell = report::sample::failed_cell();
    cell.status = CellOutcome::Status::skipped;
    cell.reason = "6.12.1-rt has no iptables-legacy";
    cell.steps.clear();
    return cell;
}

CellOutcome good_cell() {
    CellOutcome cell = report::sample::failed_cell();
    cell.status = CellOutcome::Status::passed;
    cell.steps[0].name = "number #1";
    cell.steps[0].checks.pop_back();
    return cell;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a cell is a test point, its steps are subtests") {
    const std::string text = tap({good_cell(), report::sample::failed_cell(), skipped_cell()});
    INFO(text);
    CHECK(text.starts_with("TAP version 13\n1..3\n    # Subtest: sample [6.12]\n    1..1\n"));
    CHECK(has(text, "    ok 1 - number \\#1\nok 1 - sample [6.12]\n"));
    CHECK(has(text, "    not ok 1 - ping <through> & back\n      ---\n"));
    CHECK(has(text, "      message: \"expected at least one accept, seen: none\"\n"));
    CHECK(has(text, "\nnot ok 2 - sample [6.12]\n  ---\n"));
    CHECK(has(text, "  reproduce: \"nflab run sample.yaml --kernel 6.12\"\n  ...\n"));
    CHECK(has(text, "\nok 3 - sample [6.12] # SKIP 6.12.1-rt has no iptables-legacy\n"));
}

TEST_CASE("Perl's TAP parser, which prove uses, takes it") {
    Command command;
    command.argv = {"prove", "--verbose", "--exec", "cat", "/dev/stdin"};
    command.input = tap({good_cell(), skipped_cell()});
    const CommandResult good = run(command);
    INFO(good.out << good.err);
    CHECK(good.ok());
    CHECK(has(good.out, "Tests=2"));
    command.input = tap({good_cell(), report::sample::failed_cell()});
    const CommandResult bad = run(command);
    INFO(bad.out << bad.err);
    CHECK(bad.exit_code == 1);
    CHECK(has(bad.out, "Failed test:  2"));
    CHECK_FALSE(has(bad.out, "Parse errors"));
}
