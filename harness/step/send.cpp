// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/send.hpp"

#include "harness/base/error.hpp"
#include "harness/step/lines.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace nflab::step {
namespace {

using verdict::SentPacket;

const char* word(scenario::Protocol protocol) {
    switch (protocol) {
    case scenario::Protocol::tcp:
        return "tcp";
    case scenario::Protocol::udp:
        return "udp";
    case scenario::Protocol::sctp:
        return "sctp";
    case scenario::Protocol::icmp:
    case scenario::Protocol::arp:
        break;
    }
    return "ping";
}

std::string address_of(const std::string& cidr) {
    return cidr.substr(0, cidr.find('/'));
}

bool is_ipv6(const std::string& address) {
    return address.find(':') != std::string::npos;
}

// nftraffic's lines, docs/formats/traffic.md.
class Sender {
  public:
    explicit Sender(std::string node) : node_(std::move(node)) {}

    void read(std::string_view line) {
        const auto message = nlohmann::json::parse(line, nullptr, false);
        if (!message.is_object())
            return;
        const std::string type = message.value("type", "");
        if (type == "sent") {
            SentPacket packet;
            packet.node = node_;
            packet.protocol = message.value("protocol", "");
            packet.source = message.value("source", "");
            packet.destination = message.value("destination", "");
            packet.source_port = message.value("source_port", std::uint16_t{0});
            packet.destination_port = message.value("destination_port", std::uint16_t{0});
            packet.icmp_id = message.value("icmp_id", std::uint16_t{0});
            packet.icmp_sequence = message.value("icmp_sequence", std::uint16_t{0});
            if (message.contains("run"))
                packet.stamp = verdict::Stamp{message.value("run", std::uint32_t{0}),
                                              message.value("number", std::uint32_t{0})};
            packet.family = is_ipv6(packet.destination) ? AF_INET6 : AF_INET;
            packets_.push_back(packet);
            number_.push_back(message.value("number", packets_.size()));
        } else if (type == "reply" || type == "timeout" || type == "failed") {
            if (SentPacket* packet = find(message)) {
                packet->rtt_us = message.value("rtt_us", std::int64_t{0});
                packet->detail = message.value("message", message.value("errno", ""));
                packet->result = type == "reply"     ? SentPacket::Result::replied
                                 : type == "timeout" ? SentPacket::Result::timeout
                                                     : SentPacket::Result::failed;
            }
        }
    }

    bool sent_any() const { return !packets_.empty(); }

    std::vector<SentPacket> take() { return std::move(packets_); }

  private:
    SentPacket* find(const nlohmann::json& message) {
        const auto number = message.value("number", std::size_t{0});
        for (std::size_t i = 0; i < packets_.size(); ++i)
            if (number != 0 ? number_[i] == number
                            : packets_[i].icmp_sequence ==
                                      message.value("icmp_sequence", std::uint16_t{0}) &&
                                  packets_[i].source_port ==
                                      message.value("source_port", std::uint16_t{0}) &&
                                  packets_[i].result == SentPacket::Result::pending)
                return &packets_[i];
        return nullptr;
    }

    std::string node_;
    std::vector<SentPacket> packets_;
    std::vector<std::size_t> number_;
};

// An echo server for as long as it lives.
class Listener {
  public:
    Listener(lab::Session& session, const std::string& node, const char* protocol,
             std::uint16_t port)
        : session_(session) {
        channel::RunRequest request;
        request.argv = {"nftraffic", "serve", fmt::format("--{}", protocol), std::to_string(port)};
        request.input = true;
        lab::StreamHandler handler;
        handler.output = [this](std::string_view bytes) {
            listening_ |= bytes.find("listening") != std::string_view::npos;
        };
        handler.error_output = [this](std::string_view bytes) { complaint_.append(bytes); };
        handler.exit = [this](const channel::ExitStatus& status) {
            ended_ = true;
            complaint_ += status.error;
        };
        stream_ = session_.start(node, request, std::move(handler));
        constexpr std::chrono::seconds limit{20};
        session_.wait([this] { return listening_ || ended_; }, limit);
        if (!listening_)
            throw Error(Failure::lab,
                        fmt::format("node '{}' cannot listen on {} port {}: {}", node, protocol,
                                    port, complaint_.empty() ? "no answer in time" : complaint_));
    }
    ~Listener() { session_.close(stream_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

  private:
    lab::Session& session_;
    lab::StreamId stream_ = 0;
    bool listening_ = false;
    bool ended_ = false;
    std::string complaint_;
};

std::vector<std::string> arguments(const scenario::Send& order, const std::string& destination) {
    std::vector<std::string> argv = {"nftraffic",  word(order.protocol),
                                     "--to",       destination,
                                     "--count",    std::to_string(order.count),
                                     "--interval", std::to_string(order.interval.count()),
                                     "--timeout",  std::to_string(order.timeout.count()),
                                     "--size",     std::to_string(order.size)};
    if (order.port && order.protocol != scenario::Protocol::icmp)
        argv.insert(argv.end(), {"--port", std::to_string(*order.port)});
    if (order.source_port)
        argv.insert(argv.end(), {"--source-port", std::to_string(*order.source_port)});
    return argv;
}

} // namespace

std::string destination_address(const plan::Plan& plan, const std::string& from,
                                const std::string& to, bool ipv6) {
    const plan::Node* target = plan.find_node(to);
    if (!target)
        return to;
    const plan::Node* source = plan.find_node(from);
    std::string first;
    for (const plan::Nic& nic : target->nics)
        for (const std::string& cidr : nic.addresses) {
            const std::string address = address_of(cidr);
            if (is_ipv6(address) != ipv6)
                continue;
            if (first.empty())
                first = address;
            if (source)
                for (const plan::Nic& near : source->nics)
                    if (near.network == nic.network)
                        return address;
        }
    return first;
}

struct Sending::State {
    State(lab::Session& lab, const scenario::Send& sent) : session(lab), sender(sent.from) {}

    lab::Session& session;
    std::unique_ptr<Listener> listener;
    Sender sender;
    LineBuffer lines;
    lab::StreamId stream = 0;
    std::string from;
    std::string complaint;
    bool ended = false;
    channel::ExitStatus status;
    std::chrono::steady_clock::time_point deadline;
};

Sending::Sending(lab::Session& session, const scenario::Send& order)
    : state_(std::make_unique<State>(session, order)) {
    const plan::Plan& plan = session.plan();
    const std::string destination = destination_address(plan, order.from, order.to, order.ipv6);
    if (destination.empty())
        throw Error(Failure::bad_input, fmt::format("node '{}' has no IPv{} address to send to",
                                                    order.to, order.ipv6 ? 6 : 4));

    const std::string listen = order.listen.value_or(plan.find_node(order.to) ? order.to : "");
    if (order.protocol != scenario::Protocol::icmp && plan.find_node(listen))
        state_->listener = std::make_unique<Listener>(session, listen, word(order.protocol),
                                                      order.port.value_or(0));

    State* state = state_.get();
    state->from = order.from;
    lab::StreamHandler handler;
    handler.output = [state](std::string_view bytes) {
        state->lines.feed(bytes, [state](std::string_view line) { state->sender.read(line); });
    };
    handler.error_output = [state](std::string_view bytes) { state->complaint.append(bytes); };
    handler.exit = [state](const channel::ExitStatus& exit) {
        state->status = exit;
        state->ended = true;
    };
    channel::RunRequest request;
    request.argv = arguments(order, destination);
    const auto limit = order.count * (order.interval + order.timeout) + std::chrono::seconds(20);
    request.timeout_ms = static_cast<std::uint32_t>(limit.count());
    state->deadline = std::chrono::steady_clock::now() + limit + std::chrono::seconds(5);
    state->stream = session.start(order.from, request, std::move(handler));
}

Sending::Sending(Sending&&) noexcept = default;

Sending::~Sending() {
    if (state_)
        state_->session.close(state_->stream);
}

bool Sending::begun() const {
    return state_->ended || state_->sender.sent_any();
}

bool Sending::ended() const {
    return state_->ended;
}

std::vector<verdict::SentPacket> Sending::finish() {
    State& state = *state_;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        state.deadline - std::chrono::steady_clock::now());
    state.session.wait([&] { return state.ended; }, std::max(left, {}));
    state.session.close(state.stream);

    std::vector<verdict::SentPacket> packets = state.sender.take();
    if (packets.empty() && !(state.ended && state.status.ok()))
        throw Error(Failure::lab, fmt::format("node '{}' cannot send: {}", state.from,
                                              !state.status.error.empty() ? state.status.error
                                              : state.complaint.empty()
                                                  ? "the traffic program did not end in time"
                                                  : state.complaint));
    return packets;
}

} // namespace nflab::step
