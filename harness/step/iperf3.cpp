// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/step/echo_listener.hpp"
#include "harness/step/iperf3_report.hpp"
#include "harness/step/transmission.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

namespace nflab::step {
namespace {

using verdict::SentPacket;

constexpr std::uint16_t usual_port = 5201;

// iperf3 at both ends. A run that comes to its end counts as a reply.
class Iperf3Transmission : public Transmission {
  public:
    Iperf3Transmission(lab::Session& session, const scenario::Send& order) {
        port_ = std::to_string(order.port.value_or(usual_port));
        const std::string destination = destination_of(session.plan(), order);
        outcome_.kind = "iperf3";
        outcome_.from = order.from;
        outcome_.to = order.to;
        packet_.node = order.from;
        packet_.protocol = order.protocol == scenario::Protocol::udp ? "udp" : "tcp";
        packet_.destination = destination;
        packet_.destination_port = order.port.value_or(usual_port);
        packet_.family = order.ipv6 ? AF_INET6 : AF_INET;
        start_server(session, order.listen.value_or(order.to));
        // Ten seconds to connect and to exchange results, whatever the machine.
        limit_ = order.iperf3->duration + std::chrono::seconds(30);
        NodeProgram::Order client;
        client.node = order.from;
        client.argv = arguments(order, destination);
        client.limit = limit_;
        client_.emplace(session, client,
                        [this](std::string_view line) { report_.append(line).append("\n"); });
    }

    bool begun() const override { return true; }
    bool ended() const override { return client_->ended(); }

    std::vector<SentPacket> finish() override {
        client_->wait_end(limit_ + std::chrono::seconds(5));
        const auto error = read_iperf3_report(report_, outcome_);
        packet_.result = error ? SentPacket::Result::failed : SentPacket::Result::replied;
        packet_.detail = error.value_or("");
        if (error && report_.empty())
            packet_.detail = client_->complaint();
        if (error)
            outcome_.text = fmt::format("iperf3: {}", packet_.detail);
        return {packet_};
    }

    std::optional<TrafficOutcome> total() const override { return outcome_; }

  private:
    void start_server(lab::Session& session, const std::string& node) {
        NodeProgram::Order serve;
        serve.node = node;
        serve.argv = {"iperf3", "--server", "--one-off", "--forceflush", "--port", port_};
        server_.emplace(session, serve, [this](std::string_view line) {
            listening_ = listening_ || line.find("Server listening") != std::string_view::npos;
        });
        constexpr std::chrono::seconds limit{20};
        server_->wait([this] { return listening_; }, limit);
        if (!listening_)
            throw Error(Failure::lab, fmt::format("node '{}' cannot run iperf3's server: {}", node,
                                                  server_->complaint()));
    }

    std::vector<std::string> arguments(const scenario::Send& order,
                                       const std::string& destination) const {
        const auto seconds =
            std::chrono::duration_cast<std::chrono::seconds>(order.iperf3->duration);
        std::vector<std::string> argv = {"iperf3",
                                         "--client",
                                         destination,
                                         "--port",
                                         port_,
                                         "--json",
                                         "--time",
                                         std::to_string(seconds.count()),
                                         "--connect-timeout",
                                         "3000"};
        if (order.protocol == scenario::Protocol::udp)
            argv.emplace_back("--udp");
        if (!order.iperf3->bitrate.empty())
            argv.insert(argv.end(), {"--bitrate", order.iperf3->bitrate});
        if (order.iperf3->reverse)
            argv.emplace_back("--reverse");
        return argv;
    }

    std::string port_;
    bool listening_ = false;
    std::optional<NodeProgram> server_;
    std::optional<NodeProgram> client_;
    std::chrono::milliseconds limit_{};
    std::string report_;
    SentPacket packet_;
    TrafficOutcome outcome_;
};

} // namespace

std::unique_ptr<Transmission> start_iperf3(lab::Session& session, const scenario::Send& order) {
    return std::make_unique<Iperf3Transmission>(session, order);
}

} // namespace nflab::step
