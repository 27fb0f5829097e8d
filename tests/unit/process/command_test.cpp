// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/process/command.hpp"
#include "tests/catch.hpp"

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

using namespace nflab;
using namespace std::chrono_literals;

namespace {

// A killed orphan stays a zombie until init reaps it, which may take its time in a container.
bool runs(pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(stat, text);
    const std::size_t name_end = text.rfind(") ");
    return name_end != std::string::npos && text[name_end + 2] != 'Z';
}

} // namespace

TEST_CASE("both outputs, the exit code and the input arrive") {
    const auto result = run({.argv = {"sh", "-c", "cat; echo oops >&2; exit 3"}, .input = "hello"});
    CHECK(result.out == "hello");
    CHECK(result.err == "oops\n");
    CHECK(result.exit_code == 3);
    CHECK_FALSE(result.ok());
}

TEST_CASE("a large input and output do not block each other") {
    const std::string text(3'000'000, 'x');
    const auto result = run({.argv = {"cat"}, .input = text});
    CHECK(result.ok());
    CHECK(result.out == text);
}

TEST_CASE("a program that does not read its input is no error") {
    CHECK(run({.argv = {"true"}, .input = std::string(1'000'000, 'x')}).ok());
}

TEST_CASE("after the deadline the whole group is gone") {
    const auto begin = std::chrono::steady_clock::now();
    const auto result = run({.argv = {"sh", "-c", "sleep 61 & echo $!; wait"}, .timeout = 300ms});
    CHECK(result.timed_out);
    CHECK_FALSE(result.ok());
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    const pid_t grandchild = std::stoi(result.out);
    for (int i = 0; i < 100 && runs(grandchild); ++i)
        std::this_thread::sleep_for(10ms);
    CHECK_FALSE(runs(grandchild));
}

TEST_CASE("a program is ended as soon as it has said what was waited for") {
    const auto begin = std::chrono::steady_clock::now();
    Command command;
    command.argv = {"sh", "-c", "echo ready; sleep 61"};
    command.stop_when = [](const std::string& out) { return out == "ready\n"; };
    const auto result = run(command);
    CHECK(result.stopped);
    CHECK_FALSE(result.timed_out);
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("a signal is told apart from an exit code") {
    const auto result = run({.argv = {"sh", "-c", "kill -SEGV $$"}});
    CHECK(result.signal == SIGSEGV);
}

TEST_CASE("environment and directory are set") {
    const auto result = run({.argv = {"sh", "-c", "echo $NFLAB_X; pwd"},
                             .environment = {{"NFLAB_X", "y z"}},
                             .directory = "/usr"});
    CHECK(result.out == "y z\n/usr\n");
}

TEST_CASE("a missing program is said to be missing") {
    REQUIRE_THROWS_WITH(run({.argv = {"nflab-no-such-program"}}),
                        "the program nflab-no-such-program is not installed");
}

TEST_CASE("a failure quotes the program's last words") {
    try {
        output_of({.argv = {"sh", "-c", "echo because >&2; exit 1"}});
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(std::string(error.what()).find("because") != std::string::npos);
        CHECK(error.failure() == Failure::lab);
    }
}

TEST_CASE("words are quoted for a shell only where they must be") {
    CHECK(to_shell({"ip", "link", "a b", "it's", ""}) == "ip link 'a b' 'it'\\''s' ''");
}
