// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/lab_node.hpp"
#include "tests/catch.hpp"
#include "tests/unit/lab/example_plan.hpp"
#include "tests/unit/lab/socket_pair.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <optional>

using namespace nflab;
using channel::Frame;
using channel::FrameType;
using lab::LabNode;
using std::chrono::milliseconds;

namespace {

// A node of the example plan whose agent is played by the test.
struct Bench {
    boost::asio::io_context io;
    LabNode node;
    std::optional<FakePeer> agent;
    std::vector<std::string> phases;
    std::string failure;

    explicit Bench(plan::Deadlines deadlines = {}, std::size_t index = 1)
        : node(io, example_plan().nodes[index], deadlines, {}, "/nonexistent/console") {
        node.set_handlers({[this](const std::string& phase) { phases.push_back(phase); },
                           [this](const std::string& message) { failure = message; }});
        node.begin();
        auto [ours, theirs] = socket_pair(io);
        node.connected(std::move(ours));
        agent.emplace(std::move(theirs));
    }

    void say_hello(int protocol = channel::protocol_version) {
        agent->socket->send(
            {FrameType::hello, 0,
             nlohmann::json{{"protocol", protocol}, {"kernel_release", "6.12"}}.dump()});
    }

    bool until(const std::function<bool()>& done) { return run_until(io, done); }

    std::size_t count(FrameType type) const {
        std::size_t found = 0;
        for (const Frame& frame : agent->received)
            found += frame.type == type;
        return found;
    }

    void make_ready() {
        say_hello();
        REQUIRE(until([&] { return count(FrameType::configure) == 1; }));
        for (const Frame& frame : agent->received)
            if (frame.type == FrameType::configure)
                agent->socket->send({FrameType::exit, frame.stream, R"({"code":0})"});
        REQUIRE(until([&] { return node.state() == LabNode::State::ready; }));
    }
};

plan::Deadlines deadlines(milliseconds boot, milliseconds silence) {
    plan::Deadlines out;
    out.boot = boot;
    out.silence = silence;
    return out;
}

} // namespace

TEST_CASE("a node is ready when its agent has been configured") {
    Bench bench;
    bench.make_ready();
    CHECK(bench.phases == std::vector<std::string>{"agent", "configure", "ready"});
    CHECK(bench.node.status().at("kernel") == "6.12");
    CHECK(bench.node.status().at("state") == "ready");
}

TEST_CASE("an agent of another protocol is refused") {
    Bench bench;
    bench.say_hello(99);
    REQUIRE(bench.until([&] { return !bench.failure.empty(); }));
    CHECK(bench.failure.find("speaks protocol 99") != std::string::npos);
    CHECK(bench.node.state() == LabNode::State::lost);
}

TEST_CASE("a configuration that fails loses the node, with the agent's reason") {
    Bench bench;
    bench.say_hello();
    REQUIRE(bench.until([&] { return bench.count(FrameType::configure) == 1; }));
    bench.agent->socket->send({FrameType::exit, bench.agent->received.back().stream,
                               R"({"code":1,"error":"no interface with that MAC"})"});
    REQUIRE(bench.until([&] { return !bench.failure.empty(); }));
    CHECK(bench.failure == "node router cannot be set up: no interface with that MAC");
}

TEST_CASE("no agent before the boot deadline is a hang") {
    Bench bench(deadlines(milliseconds(100), milliseconds(10000)));
    REQUIRE(bench.until([&] { return !bench.failure.empty(); }));
    CHECK(bench.failure.find("hangs: no agent answered within 0.1 s") != std::string::npos);
}

TEST_CASE("an agent that stops answering is silent, and may come back") {
    Bench bench(deadlines(milliseconds(5000), milliseconds(250)));
    bench.make_ready();
    std::optional<std::string> ended;
    bench.node.open(FrameType::run, "{}", [&](const Frame& frame) { ended = frame.payload; });
    REQUIRE(bench.until([&] { return bench.node.state() == LabNode::State::silent; }));
    REQUIRE(ended);
    CHECK(nlohmann::json::parse(*ended).at("node_lost") == true);
    CHECK(bench.failure.find("has fallen silent") != std::string::npos);
    CHECK(bench.until([&] { return bench.count(FrameType::signal) == 1; }));
    bench.agent->socket->send({FrameType::pong, 0, {}});
    CHECK(bench.until([&] { return bench.node.state() == LabNode::State::ready; }));
}

TEST_CASE("the end of the machine ends the streams on it") {
    Bench bench;
    bench.make_ready();
    std::optional<std::string> ended;
    const std::uint32_t stream =
        bench.node.open(FrameType::run, "{}", [&](const Frame& frame) { ended = frame.payload; });
    CHECK(stream != 0);
    bench.node.machine_ended(false);
    REQUIRE(ended);
    CHECK(ended->find("ended by itself") != std::string::npos);
    CHECK(bench.node.state() == LabNode::State::lost);
    ended.reset();
    CHECK(bench.node.open(FrameType::run, "{}",
                          [&](const Frame& frame) { ended = frame.payload; }) == 0);
    CHECK(ended);
}

TEST_CASE("the end of a netns node's channel is the end of its agent") {
    Bench bench({}, 0);
    bench.make_ready();
    bench.agent->socket->close();
    REQUIRE(bench.until([&] { return !bench.failure.empty(); }));
    CHECK(bench.failure.find("the agent of node client ended") == 0);
}

TEST_CASE("what an agent says about a stream's window reaches the stream's owner") {
    Bench bench;
    bench.make_ready();
    std::vector<FrameType> seen;
    const std::uint32_t stream = bench.node.open(
        FrameType::run, "{}", [&](const Frame& frame) { seen.push_back(frame.type); });
    bench.agent->socket->send({FrameType::window, stream, R"({"bytes":65536})"});
    bench.agent->socket->send({FrameType::window, stream + 1, R"({"bytes":65536})"});
    bench.agent->socket->send({FrameType::exit, stream, "{}"});
    REQUIRE(bench.until([&] { return seen.size() >= 2; }));
    CHECK(seen == std::vector<FrameType>{FrameType::window, FrameType::exit});
}

TEST_CASE("a dropped stream is killed and forgotten") {
    Bench bench;
    bench.make_ready();
    int frames = 0;
    const std::uint32_t stream =
        bench.node.open(FrameType::run, "{}", [&](const Frame&) { ++frames; });
    bench.node.drop(stream);
    REQUIRE(bench.until([&] { return bench.count(FrameType::signal) == 1; }));
    CHECK(nlohmann::json::parse(bench.agent->received.back().payload).at("signal") == SIGKILL);
    bench.agent->socket->send({FrameType::output, stream, "late"});
    bench.agent->socket->send({FrameType::exit, stream, "{}"});
    run_until(bench.io, [&] { return frames > 0; });
    CHECK(frames == 0);
}
