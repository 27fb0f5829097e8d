// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/step/echo_listener.hpp"
#include "harness/step/transmission.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <string>

// Packets that nftraffic's own sockets send: ping, tcp, udp, sctp.
namespace nflab::step {
namespace {

using scenario::Connection;
using scenario::Protocol;
using verdict::SentPacket;

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
        } else if (type == "done") {
            done_ = true;
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
    bool done() const { return done_; } ///< nothing more will happen to any of them

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
    bool done_ = false;
    std::vector<SentPacket> packets_;
    std::vector<std::size_t> number_;
};

std::vector<std::string> arguments(const scenario::Send& order, const std::string& destination) {
    std::vector<std::string> argv = {"nftraffic",  traffic_word(order.protocol),
                                     "--to",       destination,
                                     "--count",    std::to_string(order.count),
                                     "--interval", std::to_string(order.interval.count()),
                                     "--timeout",  std::to_string(order.timeout.count())};
    if (order.data)
        argv.insert(argv.end(), {"--data", *order.data});
    else
        argv.insert(argv.end(), {"--size", std::to_string(order.size)});
    if (order.port && order.protocol != Protocol::icmp)
        argv.insert(argv.end(), {"--port", std::to_string(*order.port)});
    if (order.source_port)
        argv.insert(argv.end(), {"--source-port", std::to_string(*order.source_port)});
    if (order.connection.close == Connection::Close::rst)
        argv.insert(argv.end(), {"--close", "rst"});
    else if (order.connection.close == Connection::Close::none)
        argv.insert(argv.end(), {"--close", "none"});
    return argv;
}

class ProbeTransmission : public Transmission {
  public:
    ProbeTransmission(lab::Session& session, const scenario::Send& order)
        : from_(order.from), sender_(order.from) {
        const std::string destination = destination_of(session.plan(), order);
        listener_ = listen_for(session, order);
        const bool kept = order.connection.close == Connection::Close::none;
        limit_ = order.count * (order.interval + order.timeout) + std::chrono::seconds(20);
        NodeProgram::Order run;
        run.node = order.from;
        run.argv = arguments(order, destination);
        run.limit = kept ? std::chrono::milliseconds(0) : limit_;
        deadline_ = Clock::now() + limit_ + std::chrono::seconds(5);
        program_.emplace(session, run, [this](std::string_view line) { sender_.read(line); });
    }

    bool begun() const override { return ended() || sender_.sent_any(); }
    bool ended() const override { return program_->ended() || sender_.done(); }

    std::vector<SentPacket> finish() override {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
        program_->wait([this] { return sender_.done(); },
                       std::max(left, std::chrono::milliseconds(0)));
        std::vector<SentPacket> packets = sender_.take();
        if (packets.empty())
            throw Error(Failure::lab,
                        fmt::format("node '{}' cannot send: {}", from_, program_->complaint()));
        return packets;
    }

  private:
    using Clock = std::chrono::steady_clock;

    std::string from_;
    Sender sender_;
    /// Stays when all is answered: its end would be seen before that of the last connection.
    std::unique_ptr<NodeProgram> listener_;
    std::optional<NodeProgram> program_;
    std::chrono::milliseconds limit_{};
    Clock::time_point deadline_;
};

} // namespace

std::unique_ptr<Transmission> start_probe(lab::Session& session, const scenario::Send& order) {
    return std::make_unique<ProbeTransmission>(session, order);
}

} // namespace nflab::step
