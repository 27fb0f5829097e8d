// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/unit/agent/agent_client.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>

using namespace nflab::channel;

namespace {

RunRequest program(std::vector<std::string> argv) {
    RunRequest request;
    request.argv = std::move(argv);
    return request;
}

} // namespace

TEST_CASE("a program's outputs and exit code come back") {
    AgentClient agent;
    CHECK(agent.hello.protocol == protocol_version);
    const auto result = agent.run("echo out; echo err >&2; exit 3");
    CHECK(result.out == "out\n");
    CHECK(result.err == "err\n");
    CHECK(result.status.code == 3);
    CHECK(result.status.signal == 0);
    CHECK(agent.run("exit 0").status.ok());
}

TEST_CASE("environment and directory") {
    AgentClient agent;
    RunRequest request = program({"sh", "-c", "echo $A $PATH; pwd"});
    request.environment = {{"A", "b c"}};
    request.directory = "/usr";
    CHECK(agent.run(request).out == "b c /run/nflab/bin:/usr/sbin:/usr/bin:/sbin:/bin\n/usr\n");
    request.directory = "/no/such";
    CHECK(agent.run(request).status.error.find("/no/such") != std::string::npos);
}

TEST_CASE("what cannot be run is said") {
    AgentClient agent;
    CHECK(agent.run(program({"no-such-program"})).status.error ==
          "there is no program 'no-such-program' in the node's PATH");
    CHECK(agent.run(program({"/etc/passwd"})).status.error.find("Permission denied") !=
          std::string::npos);
    CHECK_FALSE(agent.run(program({})).status.error.empty());
    CHECK(agent.run("true").status.ok());
}

TEST_CASE("signals reach the whole group, and ends by signal are told") {
    AgentClient agent;
    CHECK(agent.run("kill -9 $$").status.signal == SIGKILL);
    const auto stream = agent.start(program({"sh", "-c", "sleep 100 | sleep 100"}));
    agent.send(FrameType::signal, stream, to_payload(SignalRequest{SIGTERM}));
    CHECK(agent.finish(stream).status.signal == SIGTERM);
}

TEST_CASE("a time limit ends even a program that ignores SIGTERM") {
    AgentClient agent;
    RunRequest polite = program({"sleep", "100"});
    polite.timeout_ms = 50;
    RunRequest stubborn = program({"sh", "-c", "trap '' TERM; sleep 100"});
    stubborn.timeout_ms = 200;
    const auto begin = std::chrono::steady_clock::now();
    const auto stream = agent.start(stubborn);
    const auto result = agent.run(polite);
    CHECK(result.status.timed_out);
    CHECK(result.status.signal == SIGTERM);
    const auto killed = agent.finish(stream);
    CHECK(killed.status.timed_out);
    CHECK(killed.status.signal == SIGKILL);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}

TEST_CASE("standard input") {
    AgentClient agent;
    CHECK(agent.run("cat; readlink /proc/self/fd/0").out == "/dev/null\n");
    RunRequest request = program({"cat"});
    request.input = true;
    const auto stream = agent.start(request);
    agent.send(FrameType::input, stream, "one ");
    agent.send(FrameType::input, stream, "two");
    agent.send(FrameType::input_end, stream);
    CHECK(agent.finish(stream).out == "one two");
}

TEST_CASE("ten megabytes each way, unharmed") {
    AgentClient agent;
    RunRequest request = program({"sh", "-c", "head -c 10000000 /dev/zero | tr '\\0' x"});
    const auto all = agent.run(request);
    CHECK(all.out.size() == 10'000'000);
    CHECK(std::count(all.out.begin(), all.out.end(), 'x') == 10'000'000);
    request = program({"wc", "-c"});
    request.input = true;
    const auto stream = agent.start(request);
    agent.input(stream, std::string(10'000'000, 'y'));
    agent.end_input(stream);
    CHECK(agent.finish(stream).out == "10000000\n");
}

TEST_CASE("streams do not wait for each other") {
    AgentClient agent;
    std::vector<std::uint32_t> streams;
    for (int i = 0; i < 20; ++i)
        streams.push_back(agent.start(program({"sh", "-c", "read x < /dev/null; sleep 0.2"})));
    const auto begin = std::chrono::steady_clock::now();
    std::size_t ended = 0;
    while (ended < streams.size())
        if (agent.receive().type == FrameType::exit)
            ++ended;
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
}

TEST_CASE("a reader that does not read stops the writer, not the agent") {
    AgentClient agent;
    const auto endless = agent.start(program({"cat", "/dev/zero"}));
    agent.send(FrameType::ping, 0, "still there?");
    while (true) {
        const Frame frame = agent.receive();
        if (frame.type == FrameType::pong) {
            CHECK(frame.payload == "still there?");
            break;
        }
    }
    agent.send(FrameType::signal, endless, to_payload(SignalRequest{SIGKILL}));
    CHECK(agent.finish(endless).status.signal == SIGKILL);
}

TEST_CASE("what a program leaves behind does not hold its stream open") {
    AgentClient agent;
    const auto begin = std::chrono::steady_clock::now();
    CHECK(agent.run("sleep 100 & echo done").out == "done\n");
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}

TEST_CASE("a terminal: size, resize, interrupt, end of input") {
    AgentClient agent;
    RunRequest request = program({"sh", "-c",
                                  "trap 'stty size' WINCH; echo $TERM; stty size; "
                                  "while ! read line; do :; done; echo got $line; exec sleep 100"});
    request.terminal = Terminal{33, 99, "vt100"};
    request.input = true;
    const auto stream = agent.start(request);
    std::string out;
    const auto wait_for = [&](const std::string& text) {
        while (out.find(text) == std::string::npos) {
            const Frame frame = agent.receive();
            REQUIRE(frame.type == FrameType::output);
            out += frame.payload;
        }
    };
    wait_for("vt100\r\n33 99\r\n");
    agent.send(FrameType::resize, stream, to_payload(ResizeRequest{40, 120}));
    agent.send(FrameType::input, stream, "hello\n");
    wait_for("40 120\r\n");
    wait_for("got hello\r\n");
    agent.send(FrameType::input, stream, "\x03");
    CHECK(agent.finish(stream).status.signal == SIGINT);

    request.argv = {"cat"};
    const auto cat = agent.start(request);
    agent.send(FrameType::input, cat, "line\n");
    agent.send(FrameType::input_end, cat);
    const auto result = agent.finish(cat);
    INFO(to_payload(result.status));
    CHECK(result.status.ok());
    CHECK(result.out == "line\r\nline\r\n");
}
