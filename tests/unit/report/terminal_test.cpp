// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/terminal.hpp"
#include "sample.hpp"
#include "tests/catch.hpp"

using namespace nflab;
using report::Style;

namespace {

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("packets that went the same way are drawn once") {
    const auto cell = report::sample::failed_cell();
    const std::string text = report::step_text(cell.steps[0], 1, Style::plain());
    CHECK(has(text, "#1 icmp echo"));
    CHECK_FALSE(has(text, "#2 icmp echo"));
    CHECK(has(text, "and 1 more packet the same way"));
}

TEST_CASE("a failed expectation shows what was expected, what was seen, and the path") {
    const auto cell = report::sample::failed_cell();
    const std::string text = report::step_text(cell.steps[0], 1, Style::plain());
    CHECK(has(text, "FAIL { at: router, verdict: accept }"));
    CHECK(has(text, "expected: at least one accept"));
    CHECK(has(text, "seen:     none"));
    CHECK(has(text, "<- here"));
    CHECK(has(text, "ok   no reply at client"));
}

TEST_CASE("a failed cell tells how to repeat it, and what was lost") {
    const std::string text = report::cell_text(report::sample::failed_cell(), Style::plain());
    CHECK(has(text, "FAILED  sample on 6.12.1-cloud-amd64"));
    CHECK(has(text, "reproduce with: nflab run sample.yaml --kernel 6.12"));
    CHECK(has(text, "4 records by site, 3 lost"));
}

TEST_CASE("a skipped cell says why in one line") {
    auto cell = report::sample::failed_cell();
    cell.status = step::CellOutcome::Status::skipped;
    cell.reason = "6.17-rt has no iptables-legacy";
    CHECK(report::cell_text(cell, Style::plain()) ==
          "skipped  sample on 6.12.1-cloud-amd64: 6.17-rt has no iptables-legacy\n");
}

TEST_CASE("a sent packet that no rule saw is not forgotten") {
    auto cell = report::sample::failed_cell();
    cell.steps[0].paths.clear();
    cell.steps[0].checks.clear();
    CHECK(
        has(report::step_text(cell.steps[0], 1, Style::plain()), "no traced node's rules saw it"));
}

TEST_CASE("plain text carries no escape codes") {
    const auto cell = report::sample::failed_cell();
    CHECK_FALSE(has(report::step_text(cell.steps[0], 1, Style::plain()), "\x1b"));
    CHECK_FALSE(has(report::cell_text(cell, Style::plain()), "\x1b"));
}
