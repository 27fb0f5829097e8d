// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/bench/attribution_lab.hpp"

#include "harness/base/error.hpp"
#include "harness/process/command.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <sstream>
#include <thread>

namespace nflab::bench {
namespace {

constexpr const char* guest = "guest";
constexpr const char* output = "/tmp/observer";
constexpr std::uint32_t limit_ms = 300'000;

// Neighbours are given, so that nothing but the packets is sent; and the sender has a namespace of
// its own without any table, so that each packet meets one table.
constexpr const char* set_up = R"(set -e
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip netns add tx
ip netns add rx
ip link add v0 netns tx address 02:00:00:00:00:01 type veth \
    peer name v1 address 02:00:00:00:00:02 netns rx
ip -n tx address add 192.0.2.1/24 dev v0
ip -n tx link set v0 up
ip -n rx address add 192.0.2.2/24 dev v1
ip -n rx link set v1 up
ip -n tx neighbour replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev v0 nud permanent
ip -n rx neighbour replace 192.0.2.1 lladdr 02:00:00:00:00:01 dev v1 nud permanent
)";

plan::Plan make(const plan::BootFiles& files, bool count_instructions) {
    scenario::Scenario scenario;
    scenario.name = "bench-attribution";
    scenario::Node node;
    node.name = guest;
    node.kind = scenario::NodeKind::vm;
    node.memory_mib = 1024; // programs that are carried in stay in memory
    scenario.nodes.push_back(node);
    plan::Plan plan = plan::make_plan(
        scenario, files,
        fmt::format("bench-{}-{}", count_instructions ? "counting" : "clock", ::getpid()),
        plan::Accelerator::tcg);
    plan.count_instructions = count_instructions;
    return plan;
}

// The ports of the other rules are nobody's.
std::string nft_rules(unsigned count, const std::string& first_rule) {
    std::string text = "flush ruleset\ntable ip bench { chain input { type filter hook input "
                       "priority 0; policy accept;\n" +
                       first_rule + "\n";
    for (unsigned i = 1; i < count; ++i)
        text += fmt::format("udp dport {} drop\n", 10'000 + i);
    return text + "udp dport 9 accept\n}\n}\n";
}

std::string legacy_rules(unsigned count) {
    std::string text = "*filter\n:INPUT ACCEPT [0:0]\n";
    for (unsigned i = 1; i < count; ++i)
        text += fmt::format("-A INPUT -p udp --dport {} -j DROP\n", 10'000 + i);
    return text + "-A INPUT -p udp --dport 9 -j ACCEPT\nCOMMIT\n";
}

} // namespace

AttributionLab::AttributionLab(const plan::BootFiles& files, bool count_instructions)
    : lab_(lab::Starting::start(make(files, count_instructions), [](const lab::Event&) {})),
      session_(lab::Session::connect(make(files, count_instructions).lab)) {
    shell(set_up);
}

std::string AttributionLab::shell(const std::string& script, const std::string& input) {
    channel::RunRequest request;
    request.argv = {"bash", "-c", script};
    request.input = !input.empty();
    request.timeout_ms = limit_ms;
    const lab::RunResult result = session_.run(guest, request, input);
    if (!result.status.ok())
        throw Error(Failure::lab, fmt::format("the bench's guest could not run this: {}\n{}{}",
                                              script, result.err, result.status.error));
    return result.out;
}

void AttributionLab::load_rules(const std::string& engine, unsigned count,
                                const std::string& first_rule) {
    shell("ip netns exec rx nft flush ruleset; "
          "ip netns exec rx iptables-legacy -F 2>/dev/null; "
          "modprobe -r iptable_filter 2>/dev/null; true");
    if (engine == "nft")
        shell("ip netns exec rx nft -f -", nft_rules(count, first_rule));
    else
        shell("ip netns exec rx iptables-legacy-restore", legacy_rules(count));
}

bool AttributionLab::has_program(const std::string& program) {
    if (!shell(fmt::format("command -v {} || true", program)).empty())
        return true;
    const auto here = find_program(program);
    if (here.empty())
        return false;
    carry(program, here);
    return true;
}

// With its libraries and their loader, which need not be the guest's.
void AttributionLab::carry(const std::string& program, const std::string& path) {
    const std::string to = "/run/bench-" + program;
    std::vector<std::string> files{path};
    std::string loader;
    std::istringstream words(run({.argv = {"ldd", path}}).out);
    for (std::string word; words >> word;) {
        if (!word.starts_with('/'))
            continue;
        files.push_back(word);
        if (word.find("/ld-linux") != std::string::npos)
            loader =
                fmt::format("{0}/{1} --library-path {0} ", to, word.substr(word.rfind('/') + 1));
    }
    shell("mkdir -p " + to);
    for (const std::string& file : files) {
        std::ifstream in(file, std::ios::binary);
        std::ostringstream bytes;
        bytes << in.rdbuf();
        const std::string copy = to + file.substr(file.rfind('/'));
        shell(fmt::format("cat > {0} && chmod +x {0}", copy), bytes.str());
    }
    shell(fmt::format("printf '#!/bin/sh\nexec {0}{1}/{2} \"$@\"\n' > /usr/bin/{2}; "
                      "chmod +x /usr/bin/{2}",
                      loader, to, program));
}

void AttributionLab::watch(const Observer& observer) {
    channel::RunRequest request;
    request.argv = {"bash", "-c", fmt::format("exec > {} 2>&1; {}", output, observer.command)};
    request.input = true;
    ended_ = false;
    lab::StreamHandler handler;
    handler.exit = [this](const channel::ExitStatus&) { ended_ = true; };
    shell(fmt::format("rm -f {}", output));
    stream_ = session_.start(guest, request, std::move(handler));
    // Some say that they are ready when they begin to attach, and the kernel's optimisation of
    // probes takes its time.
    shell(fmt::format(
        "for i in $(seq 600); do grep -q '{}' {} 2>/dev/null && sleep 2 && exit 0; sleep 0.1; "
        "done; cat {}; exit 1",
        observer.ready, output, output));
}

void AttributionLab::end_watch() {
    session_.end_input(*stream_);
    constexpr std::chrono::seconds patience{60};
    constexpr std::chrono::seconds short_patience{3};
    // nfverdict ends with its input, the others when they are told to.
    if (!session_.wait([this] { return ended_; }, short_patience)) {
        shell("pkill -INT -x nft; pkill -INT -x bpftrace; pkill -INT -x pwru; true");
        session_.wait([this] { return ended_; }, patience);
    }
    session_.close(*stream_);
    stream_.reset();
}

Flood AttributionLab::flood(unsigned packets, unsigned rate) {
    const std::string line = shell(fmt::format(
        "ip netns exec tx nftraffic flood --to 192.0.2.2 --netns /run/netns/rx --count {}{}",
        packets, rate != 0 ? fmt::format(" --rate {}", rate) : std::string()));
    const auto answer = nlohmann::json::parse(line, nullptr, false);
    if (!answer.is_object() || !answer.contains("busy_ns"))
        throw Error(Failure::lab, "this kernel does not count its processors' time: " + line);
    return {answer["sent"].get<std::uint64_t>(), answer["time_ns"].get<std::uint64_t>(),
            answer["busy_ns"].get<std::uint64_t>()};
}

std::optional<std::uint64_t> AttributionLab::ask(const std::string& question) {
    const std::string answer = shell(fmt::format("OUT={}; {} || true", output, question));
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(answer.data(), answer.data() + answer.size(), number);
    return parsed.ec == std::errc{} ? std::optional(number) : std::nullopt;
}

} // namespace nflab::bench
