// SPDX-License-Identifier: GPL-2.0-or-later
// Input that a program does not take: nobody else notices, and nothing is lost.
#include "tests/catch.hpp"
#include "tests/unit/agent/agent_client.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace nflab::channel;
namespace fs = std::filesystem;

namespace {

RunRequest with_input(const std::string& shell_command) {
    RunRequest request;
    request.argv = {"sh", "-c", shell_command};
    request.input = true;
    return request;
}

bool answers_at_once(AgentClient& agent) {
    const auto begin = std::chrono::steady_clock::now();
    agent.send(FrameType::ping, 0, "still there?");
    while (agent.receive().type != FrameType::pong) {
    }
    return std::chrono::steady_clock::now() - begin < std::chrono::seconds(1);
}

// No block of it is like another one.
std::string ten_megabytes() {
    std::string bytes;
    bytes.reserve(10'000'000);
    for (std::uint32_t i = 0, state = 1; i < 10'000'000; ++i) {
        state = state * 1664525 + 1013904223;
        bytes += static_cast<char>(state >> 24);
    }
    return bytes;
}

struct Gate {
    std::string path;
    Gate() {
        std::string name = fs::temp_directory_path() / "nflab-gate-XXXXXX";
        path = std::string(mkdtemp(name.data())) + "/open";
    }
    ~Gate() { fs::remove_all(fs::path(path).parent_path()); }
    void open() const { std::ofstream(path) << "x"; }
    std::string wait() const { return "while [ ! -e " + path + " ]; do sleep 0.05; done; "; }
};

} // namespace

TEST_CASE("ten megabytes for a program that does not read yet stop nobody else") {
    AgentClient agent;
    const Gate gate;
    const std::string bytes = ten_megabytes();
    const auto stream = agent.start(with_input(gate.wait() + "cat"));
    agent.input(stream, bytes);
    agent.end_input(stream);
    CHECK(answers_at_once(agent));
    CHECK(agent.run("echo here").out == "here\n");
    CHECK(agent.held(stream) >= bytes.size() - input_window - (1U << 17)); // a pipe holds 64 KiB
    gate.open();
    const auto result = agent.finish(stream);
    CHECK(result.status.ok());
    CHECK((result.out == bytes));
}

TEST_CASE("a window for each stream: many that do not read stop nobody else") {
    AgentClient agent;
    const Gate gate;
    std::vector<std::uint32_t> streams;
    for (int i = 0; i < 12; ++i) {
        streams.push_back(agent.start(with_input(gate.wait() + "wc -c")));
        agent.input(streams.back(), std::string(2'000'000, 'x'));
        agent.end_input(streams.back());
    }
    CHECK(answers_at_once(agent));
    CHECK(agent.run("echo here").out == "here\n");
    gate.open();
    std::size_t counted = 0;
    std::size_t ended = 0;
    while (ended < streams.size()) {
        const Frame frame = agent.receive();
        if (frame.type == FrameType::exit)
            ++ended;
        else if (frame.payload == "2000000\n")
            ++counted;
    }
    CHECK(counted == streams.size());
}

TEST_CASE("a sender that minds no window loses its stream, and only that") {
    AgentClient agent;
    const auto other = agent.start(with_input("cat"));
    const auto stream = agent.start(with_input("sleep 100"));
    for (int i = 0; i < 10; ++i)
        agent.send(FrameType::input, stream, std::string(max_payload, 'x'));
    agent.send(FrameType::input_end, stream);
    const auto result = agent.finish(stream);
    CHECK(result.status.error.find("window") != std::string::npos);
    agent.input(other, "still here");
    agent.end_input(other);
    CHECK(agent.finish(other).out == "still here");
}

TEST_CASE("input that a program will never read does not hold its sender") {
    AgentClient agent;
    const std::string bytes(5'000'000, 'x');
    const auto closed = agent.start(with_input("exec <&-; sleep 0.5; echo done"));
    agent.input(closed, bytes);
    agent.end_input(closed);
    CHECK(agent.finish(closed).out == "done\n");
    CHECK(agent.held(closed) == 0);

    RunRequest without = with_input("sleep 0.5; cat; echo done");
    without.input = false;
    const auto none = agent.start(without);
    agent.input(none, bytes);
    CHECK(agent.finish(none).out == "done\n");
    CHECK(agent.held(none) == 0);
}

TEST_CASE("more than a window through a terminal") {
    AgentClient agent;
    const Gate gate;
    RunRequest request =
        with_input("stty raw -echo; echo raw; " + gate.wait() + "head -c 3000000 | tr -d x");
    request.terminal = Terminal{};
    const auto stream = agent.start(request);
    // A terminal that is not raw yet would drop lines that are too long.
    for (std::string out; out.find("raw") == std::string::npos;)
        out += agent.receive().payload;
    agent.input(stream, std::string(2'999'999, 'x') + "y");
    CHECK(answers_at_once(agent));
    gate.open();
    const auto result = agent.finish(stream);
    CHECK(result.status.ok());
    CHECK(result.out.find("y") != std::string::npos);
    CHECK(result.out.find("x") == std::string::npos);
}

TEST_CASE("a file of more than a window") {
    AgentClient agent;
    const Gate gate;
    const std::string bytes = ten_megabytes();
    agent.send(FrameType::put, 1, to_payload(PutRequest{gate.path, 0600}));
    agent.input(1, bytes);
    agent.end_input(1);
    CHECK(agent.finish(1).status.ok());
    CHECK(fs::file_size(gate.path) == bytes.size());
}
