// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/configuration.hpp"
#include "harness/lab/domain_xml.hpp"
#include "harness/lab/lab_node.hpp"
#include "harness/lab/warm_shape.hpp"
#include "tests/catch.hpp"
#include "tests/unit/lab/example_plan.hpp"
#include "tests/unit/lab/socket_pair.hpp"

#include <nlohmann/json.hpp>

#include <optional>

using namespace nflab;
using channel::Frame;
using channel::FrameType;
using lab::LabNode;

namespace {

const std::string watcher = R"({"argv":["watch"],"input":true})";

plan::Node guest(bool keep) {
    plan::Node node = example_plan().nodes[1];
    node.warm = plan::Warm{"/cache/warm/x", keep, {{watcher, "ready"}}};
    return node;
}

struct Bench {
    boost::asio::io_context io;
    LabNode node;
    std::optional<FakePeer> agent;
    std::string failure;
    std::size_t answered = 0; ///< frames of the agent's that have been looked at

    explicit Bench(const plan::Node& of) : node(io, of, {}, {}, "/nonexistent/console") {
        node.set_handlers(
            {[](const std::string&) {}, [this](const std::string& message) { failure = message; }});
        node.begin();
    }

    lab::FrameSocket::Socket link() {
        auto [ours, theirs] = socket_pair(io);
        agent.emplace(std::move(theirs));
        return std::move(ours);
    }

    // The next frame of that type that the agent was sent.
    Frame next(FrameType type) {
        std::optional<Frame> found;
        REQUIRE(run_until(io, [&] {
            while (!found && answered < agent->received.size())
                if (const Frame& frame = agent->received[answered++]; frame.type == type)
                    found = frame;
            return found.has_value();
        }));
        return *found;
    }

    void say(FrameType type, std::uint32_t stream, const std::string& payload) {
        agent->socket->send({type, stream, payload});
    }
};

nlohmann::json hello() {
    return {{"protocol", channel::protocol_version}, {"kernel_release", "6.12"}};
}

// What a guest whose watcher has said two lines is kept with.
nlohmann::json kept_guest() {
    Bench bench(guest(true));
    bench.node.connected(bench.link());
    bench.say(FrameType::hello, 0, hello().dump());
    REQUIRE(run_until(bench.io, [&] { return bench.node.state() == LabNode::State::ready; }));
    std::optional<nlohmann::json> kept;
    bench.node.keep([&](const nlohmann::json& all) { kept = all; });
    const Frame program = bench.next(FrameType::run);
    CHECK(program.payload == watcher);
    bench.say(FrameType::output, program.stream, "looking\nrea");
    bench.say(FrameType::output, program.stream, "dy\n");
    const Frame last = bench.next(FrameType::run);
    CHECK_FALSE(kept);
    bench.say(FrameType::exit, last.stream, R"({"code":0})");
    REQUIRE(run_until(bench.io, [&] { return kept.has_value(); }));
    CHECK(bench.failure.empty());
    return *kept;
}

} // namespace

TEST_CASE("who asks a warm guest for a program that it runs already gets all that it has said") {
    const nlohmann::json kept = kept_guest();
    Bench bench(guest(false));
    bench.node.connected_again(bench.link(), kept);
    bench.say(FrameType::exit, bench.next(FrameType::configure).stream, R"({"code":0})");
    REQUIRE(run_until(bench.io, [&] { return bench.node.state() == LabNode::State::ready; }));
    CHECK(bench.node.status().at("kernel") == "6.12");

    std::string said;
    const auto listen = [&](const Frame& frame) { said += frame.payload; };
    const std::uint32_t stream =
        bench.node.open(FrameType::run, R"({"input": true, "argv": ["watch"]})", listen);
    CHECK(said == "looking\nready\n");
    bench.say(FrameType::output, stream, "a packet\n");
    CHECK(run_until(bench.io, [&] { return said == "looking\nready\na packet\n"; }));

    const std::uint32_t second = bench.node.open(FrameType::run, watcher, listen);
    CHECK(second > stream);
    CHECK(bench.next(FrameType::run).stream == second);
}

TEST_CASE("a guest whose program ends before it can be used is not kept") {
    Bench bench(guest(true));
    bench.node.connected(bench.link());
    bench.say(FrameType::hello, 0, hello().dump());
    REQUIRE(run_until(bench.io, [&] { return bench.node.state() == LabNode::State::ready; }));
    bench.node.keep([](const nlohmann::json&) { FAIL("kept"); });
    bench.say(FrameType::exit, bench.next(FrameType::run).stream, R"({"code":3})");
    CHECK(run_until(bench.io, [&] { return !bench.failure.empty(); }));
}

TEST_CASE("guests of one shape may start from one that was kept, others may not") {
    plan::Plan plan = example_plan();
    const std::string shape = lab::warm_shape(plan, guest(false));
    plan::Node other = guest(false);
    other.name = "else";
    other.nics[0].mac = "52:54:00:00:07:07";
    other.nics[0].addresses = {"10.9.9.9/24"};
    other.sysctls.clear();
    CHECK(lab::warm_shape(plan, other) == shape);
    other.memory_mib += 1;
    CHECK(lab::warm_shape(plan, other) != shape);
    other = guest(false);
    other.nics.pop_back();
    CHECK(lab::warm_shape(plan, other) != shape);
    other = guest(false);
    other.warm->programs.clear();
    CHECK(lab::warm_shape(plan, other) != shape);
    plan.boot.command_line += " quiet";
    CHECK(lab::warm_shape(plan, guest(false)) != shape);
}

TEST_CASE("a kept guest shares its memory with a file, a warm one copies it and waits") {
    const plan::Plan plan = example_plan();
    const lab::DomainFiles files{"qemu", "agent", "console", {"n1i0", "n1i1"}};
    const std::string keeping = lab::domain_xml(plan, guest(true), files);
    const std::string warm = lab::domain_xml(plan, guest(false), files);
    CHECK(keeping.find("/cache/warm/x/memory") != std::string::npos);
    CHECK(keeping.find("&quot;share&quot;:true") != std::string::npos);
    CHECK(keeping.find("-incoming") == std::string::npos);
    CHECK(warm.find("&quot;share&quot;:false") != std::string::npos);
    CHECK(warm.find("-incoming") != std::string::npos);
    CHECK(warm.find("<mac address='" + lab::warm_mac(1) + "'/>") != std::string::npos);
}

TEST_CASE("a warm guest finds its devices by the kept guest's addresses, and gets its own") {
    plan::Plan plan = example_plan();
    plan.nodes[1] = guest(false);
    const auto nics = lab::configuration_of(plan, plan.nodes[1]).nics;
    CHECK(nics[1].mac == lab::warm_mac(1));
    CHECK(nics[1].set_mac == "52:54:00:00:02:02");
}
