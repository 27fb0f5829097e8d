// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/unit/agent/agent_client.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <csignal>
#include <string>

using namespace nflab::channel;

TEST_CASE("ping is answered by pong") {
    AgentClient agent;
    agent.send(FrameType::ping, 0, std::string("\0x", 2));
    const Frame frame = agent.receive();
    CHECK(frame.type == FrameType::pong);
    CHECK(frame.payload == std::string("\0x", 2));
}

TEST_CASE("nonsense is answered and survived") {
    AgentClient agent;
    agent.send(FrameType::run, 1, "no json");
    CHECK_FALSE(agent.finish(1).status.error.empty());
    agent.send(FrameType::run, 2, R"({"argv":"x"})");
    CHECK_FALSE(agent.finish(2).status.error.empty());
    agent.send(static_cast<FrameType>(4711), 3, "");
    CHECK_FALSE(agent.finish(3).status.error.empty());
    agent.send(FrameType::run, 0, R"({"argv":["true"]})");
    CHECK_FALSE(agent.finish(0).status.error.empty());
    agent.send(FrameType::input, 99, "for a stream that is not there");
    agent.send(FrameType::signal, 99, "{");
    CHECK(agent.run("echo here").out == "here\n");
}

TEST_CASE("a stream that is opened twice ends") {
    AgentClient agent;
    agent.send(FrameType::run, 7, R"({"argv":["sleep","100"]})");
    agent.send(FrameType::run, 7, R"({"argv":["sleep","100"]})");
    CHECK(agent.finish(7).status.error == "stream 7 was opened a second time");
}

TEST_CASE("a lab of another version is refused") {
    AgentClient agent;
    Hello hello;
    hello.protocol = protocol_version + 1;
    agent.send(FrameType::hello, 0, to_payload(hello));
    CHECK(agent.run("true").status.error.find("version") != std::string::npos);
}

TEST_CASE("the agent ends when its channel closes, and all that it started with it") {
    AgentClient agent;
    const std::string left = agent.run("setsid sleep 1000 & echo $!").out;
    const auto stream =
        agent.start(RunRequest{{"sh", "-c", "echo $$; sleep 1000"}, {}, {}, {}, 0, false});
    const Frame frame = agent.receive();
    REQUIRE(frame.stream == stream);
    CHECK(agent.close() == 0);
    for (const std::string& text : {left, frame.payload})
        CHECK(kill(std::stoi(text), 0) != 0);
}

TEST_CASE("the agent ends when it cannot understand its peer") {
    AgentClient agent;
    agent.send_raw(std::string(64, '\xff'));
    CHECK_THROWS(agent.receive());
    CHECK(agent.close() == 0);
}

TEST_CASE("many programs, one after the other, leave no file open") {
    AgentClient agent;
    for (int i = 0; i < 50; ++i)
        REQUIRE(agent.run("true").status.ok());
    const std::string count = "sleep 0.1; ls /proc/" + std::to_string(agent.pid()) + "/fd | wc -l";
    const std::string before = agent.run(count).out;
    for (int i = 0; i < 20; ++i)
        REQUIRE(agent.run("true").status.ok());
    CHECK(agent.run(count).out == before);
}
