// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/flood.hpp"

#include "guest/traffic/address.hpp"
#include "guest/traffic/busy_time.hpp"
#include "guest/traffic/output.hpp"
#include "harness/base/unique_fd.hpp"

#include <fcntl.h>
#include <sched.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

namespace nflab::traffic {
namespace {

using Clock = std::chrono::steady_clock;

std::string failed(const std::string& what) {
    return "cannot " + what + ": " + std::strerror(errno);
}

/// A socket belongs to the namespace in which it was made, wherever its owner goes.
std::string open_receiver(const FloodOptions& options, const Endpoint& at, UniqueFd& out) {
    const UniqueFd home(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!options.netns.empty()) {
        const UniqueFd there(::open(options.netns.c_str(), O_RDONLY | O_CLOEXEC));
        if (!home || !there || ::setns(there.get(), CLONE_NEWNET) != 0)
            return failed("enter the network namespace " + options.netns);
    }
    out.reset(::socket(at.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const bool bound = out && ::bind(out.get(), at.address(), at.size) == 0;
    const std::string error = bound ? std::string() : failed("receive at " + at.text());
    if (!options.netns.empty() && ::setns(home.get(), CLONE_NEWNET) != 0)
        return failed("come back from the network namespace " + options.netns);
    return error;
}

std::string open_sender(const Endpoint& to, UniqueFd& out) {
    out.reset(::socket(to.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!out || ::connect(out.get(), to.address(), to.size) != 0)
        return failed("send to " + to.text());
    return {};
}

unsigned receive_all(int fd) {
    std::array<char, 2048> buffer;
    unsigned count = 0;
    while (::recv(fd, buffer.data(), buffer.size(), 0) >= 0)
        ++count;
    return count;
}

struct Counts {
    unsigned sent = 0;
    unsigned received = 0;
};

Counts send_all(const FloodOptions& options, int sender, int receiver) {
    constexpr unsigned batch = 16; // a receiver's buffer holds ten times as many
    const std::string payload(options.size, 'n');
    Counts counts;
    const auto begin = Clock::now();
    for (unsigned i = 0; i < options.count; ++i) {
        if (options.rate != 0 && i % batch == 0)
            std::this_thread::sleep_until(
                begin + std::chrono::nanoseconds(std::uint64_t{1'000'000'000} * i / options.rate));
        if (::send(sender, payload.data(), payload.size(), 0) >= 0)
            ++counts.sent;
        if (i % batch == batch - 1)
            counts.received += receive_all(receiver);
    }
    counts.received += receive_all(receiver);
    return counts;
}

} // namespace

std::string flood(const FloodOptions& options) {
    const auto to = parse_endpoint(options.to, options.port);
    if (!to)
        return "--to " + options.to + ": must be an IPv4 or IPv6 address";
    UniqueFd receiver;
    UniqueFd sender;
    if (std::string error = open_receiver(options, *to, receiver); !error.empty())
        return error;
    if (std::string error = open_sender(*to, sender); !error.empty())
        return error;
    const auto busy_before = settled_busy_time();
    const auto begin = Clock::now();
    const Counts counts = send_all(options, sender.get(), receiver.get());
    const std::chrono::nanoseconds took = Clock::now() - begin;
    const auto busy_after = settled_busy_time();
    std::string line = "{\"type\":\"flood\",\"sent\":" + std::to_string(counts.sent) +
                       ",\"received\":" + std::to_string(counts.received) +
                       ",\"time_ns\":" + std::to_string(took.count());
    if (busy_before && busy_after)
        line += ",\"busy_ns\":" + std::to_string((*busy_after - *busy_before).count());
    write_line(line + "}\n");
    return {};
}

} // namespace nflab::traffic
