// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/console_text.hpp"
#include "tests/catch.hpp"

using namespace nflab::lab;
using std::chrono::milliseconds;

namespace {

const std::string panic_console =
    "[    0.451362] PMU not available\r\n"
    "\x1b[1;31m[    1.2] something red\x1b[0m\r\n"
    "\r\n"
    "[    2.640001] Kernel panic - not syncing: sysrq triggered crash\r\n"
    "[    2.640002] CPU: 0 PID: 77 Comm: bash\r\n";

} // namespace

TEST_CASE("console lines are free of what only a terminal understands") {
    CHECK(console_lines("a\r\n\r\n  \n\x1b[2Jb\tc\x1b[K\x07\nlast") ==
          std::vector<std::string>{"a", "b\tc", "last"});
    CHECK(console_lines("").empty());
    CHECK(console_lines("cut off \x1b[").size() == 1);
    CHECK(console_lines("cut off \x1b").size() == 1);
}

TEST_CASE("a panic is found by the kernel's own words") {
    CHECK(panic_line(panic_console) == "Kernel panic - not syncing: sysrq triggered crash");
    CHECK(panic_line("reboot: Power down\n").empty());
    CHECK(panic_line("[    1.0] panic=-1 on the command line\n").empty());
}

TEST_CASE("a panic explains an end, a hang and a silence, and nothing else changes them") {
    for (const Loss loss : {Loss::exited, Loss::hung, Loss::silent, Loss::panicked})
        CHECK(classify(loss, panic_console) == Loss::panicked);
    for (const Loss loss : {Loss::exited, Loss::hung, Loss::silent, Loss::panicked})
        CHECK(classify(loss, "reboot: Restarting system\n") == loss);
    CHECK(classify(Loss::agent_ended, panic_console) == Loss::agent_ended);
}

TEST_CASE("each loss has its own words") {
    CHECK(describe(Loss::panicked, "router", milliseconds(2640), panic_console) ==
          "the kernel of node router panicked 2.6 s after its start: Kernel panic - not syncing: "
          "sysrq triggered crash\n"
          "  its console around that:\n"
          "  | [    0.451362] PMU not available\n"
          "  | [    1.2] something red\n"
          "  | [    2.640001] Kernel panic - not syncing: sysrq triggered crash\n"
          "  | [    2.640002] CPU: 0 PID: 77 Comm: bash");
    CHECK(describe(Loss::exited, "r", milliseconds(100), "bye\n") ==
          "the guest of node r ended by itself 0.1 s after its start, without a panic\n"
          "  the end of its console:\n"
          "  | bye");
    CHECK(describe(Loss::hung, "r", milliseconds(60000), "") ==
          "the guest of node r hangs: no agent answered within 60.0 s\n"
          "  its console stayed empty");
    CHECK(describe(Loss::silent, "r", milliseconds(15000), "") ==
          "the agent of node r has fallen silent: no answer for 15.0 s\n"
          "  its console stayed empty");
    CHECK(describe(Loss::agent_ended, "c", milliseconds(10), "") ==
          "the agent of node c ended 0.0 s after its start");
}

TEST_CASE("only the end of a long console is quoted") {
    std::string console;
    for (int i = 0; i < 100; ++i)
        console += "line " + std::to_string(i) + "\n";
    const std::string message = describe(Loss::exited, "r", milliseconds(1), console);
    CHECK(message.find("| line 84\n") == std::string::npos);
    CHECK(message.find("| line 85\n") != std::string::npos);
    CHECK(message.find("| line 99") != std::string::npos);
}

TEST_CASE("of a long call trace the beginning is quoted") {
    std::string console;
    for (int i = 0; i < 50; ++i)
        console += "before " + std::to_string(i) + "\n";
    console += "Kernel panic - not syncing: Fatal exception\n";
    for (int i = 0; i < 50; ++i)
        console += "after " + std::to_string(i) + "\n";
    const std::string message = describe(Loss::panicked, "r", milliseconds(1), console);
    CHECK(message.find("| before 43\n") == std::string::npos);
    CHECK(message.find("| before 44\n") != std::string::npos);
    CHECK(message.find("| after 7") != std::string::npos);
    CHECK(message.find("| after 8") == std::string::npos);
}
