// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/echo_listener.hpp"

#include "harness/base/error.hpp"
#include "harness/step/send.hpp"

#include <fmt/format.h>

namespace nflab::step {

const char* traffic_word(scenario::Protocol protocol) {
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

std::unique_ptr<NodeProgram> listen_for(lab::Session& session, const scenario::Send& order) {
    const plan::Plan& plan = session.plan();
    std::string node = order.listen.value_or("");
    if (!order.listen && !order.raw && plan.find_node(order.to))
        node = order.to;
    if (order.protocol == scenario::Protocol::icmp || !plan.find_node(node))
        return nullptr;
    const char* protocol = traffic_word(order.protocol);
    const auto listening = std::make_shared<bool>(false);
    NodeProgram::Order serve;
    serve.node = node;
    serve.argv = {"nftraffic", "serve", fmt::format("--{}", protocol),
                  std::to_string(order.port.value_or(0))};
    serve.input = true;
    auto program =
        std::make_unique<NodeProgram>(session, serve, [listening](std::string_view line) {
            *listening = *listening || line.find("listening") != std::string_view::npos;
        });
    constexpr std::chrono::seconds limit{20};
    program->wait([&] { return *listening; }, limit);
    if (!*listening)
        throw Error(Failure::lab,
                    fmt::format("node '{}' cannot listen on {} port {}: {}", node, protocol,
                                order.port.value_or(0), program->complaint()),
                    order.protocol == scenario::Protocol::sctp
                        ? "a netns node has this machine's kernel, a vm node the one under test: "
                          "`requires: [sctp]`"
                        : "");
    return program;
}

std::string destination_of(const plan::Plan& plan, const scenario::Send& order) {
    std::string address = destination_address(plan, order.from, order.to, order.ipv6);
    if (address.empty())
        throw Error(Failure::bad_input, fmt::format("node '{}' has no IPv{} address to send to",
                                                    order.to, order.ipv6 ? 6 : 4));
    return address;
}

} // namespace nflab::step
