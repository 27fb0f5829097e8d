// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/link_route.hpp"

#include "harness/base/error.hpp"
#include "harness/packet/hex.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace nflab::step {
namespace {

const packet::Bytes broadcast_mac(6, 0xff);

std::string run(lab::Session& session, const std::string& node, const std::string& script) {
    channel::RunRequest request;
    request.argv = {"bash", "-c", script};
    request.timeout_ms = 20'000;
    const auto result = session.run(node, request);
    if (!result.status.ok())
        throw Error(Failure::lab,
                    fmt::format("node '{}' cannot send: {}", node,
                                result.err.empty() ? result.status.error : result.err));
    return result.out;
}

std::string string_of(const nlohmann::json& object, const char* key) {
    return object.is_object() ? object.value(key, "") : "";
}

// The first object of a list of them.
nlohmann::json first_of(std::string_view text) {
    const auto list = nlohmann::json::parse(text, nullptr, false);
    return list.is_array() && !list.empty() && list[0].is_object() ? list[0] : nlohmann::json();
}

packet::Bytes mac_of(const std::string& text) {
    return packet::from_hex(text).value_or(packet::Bytes());
}

} // namespace

packet::Bytes multicast_mac(const std::string& address) {
    std::array<std::uint8_t, 16> bytes{};
    if (::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1 && bytes[0] >> 4 == 0xe)
        return {0x01, 0x00, 0x5e, static_cast<std::uint8_t>(bytes[1] & 0x7f), bytes[2], bytes[3]};
    if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1 && bytes[0] == 0xff)
        return {0x33, 0x33, bytes[12], bytes[13], bytes[14], bytes[15]};
    return {};
}

std::optional<LinkRoute> parse_route(std::string_view json, const std::string& destination) {
    const nlohmann::json route = first_of(json);
    LinkRoute link;
    link.interface = string_of(route, "dev");
    if (link.interface.empty())
        return {};
    link.source = string_of(route, "prefsrc");
    const std::string kind = string_of(route, "type");
    if (kind == "broadcast")
        link.next_mac = broadcast_mac;
    else if (kind == "local")
        link.next_mac = packet::Bytes(6, 0); // the loopback interface's
    else if (kind == "multicast" || !multicast_mac(destination).empty())
        link.next_mac = multicast_mac(destination);
    else if (!string_of(route, "gateway").empty())
        link.next_hop = string_of(route, "gateway");
    else if (route.contains("via"))
        link.next_hop = string_of(route["via"], "host");
    else
        link.next_hop = destination;
    return link;
}

LinkRoute find_link_route(lab::Session& session, const std::string& node,
                          const std::string& destination, const std::string& interface) {
    const std::string out = interface.empty() ? "" : fmt::format(" oif {}", interface);
    const auto found = parse_route(
        run(session, node, fmt::format("ip -j route get {}{}", destination, out)), destination);
    if (!found)
        throw Error(Failure::lab,
                    fmt::format("node '{}' cannot send: it has no route to {}", node, destination));
    LinkRoute link = *found;
    // The kernel asks for a neighbour that it does not know when its entry is to be used.
    const std::string own = fmt::format("ip -j link show dev {}\n", link.interface);
    const std::string ask = fmt::format("n='{0} dev {1}'\n"
                                        "ip neigh show to $n | grep -q lladdr || "
                                        "ip neigh add $n use 2>/dev/null\n"
                                        "for ((i = 0; i < 40; i++)); do\n"
                                        "ip neigh show to $n | grep -q lladdr && break\n"
                                        "ip neigh show to $n | grep -q FAILED && break\n"
                                        "sleep 0.05; done\n"
                                        "ip -j neigh show to $n",
                                        link.next_hop, link.interface);
    const std::string answers = run(session, node, link.next_hop.empty() ? own : own + ask);
    const std::size_t line = std::min(answers.find('\n'), answers.size());
    link.own_mac = mac_of(string_of(first_of(answers.substr(0, line)), "address"));
    if (!link.next_hop.empty())
        link.next_mac = mac_of(string_of(first_of(answers.substr(line)), "lladdr"));
    return link;
}

} // namespace nflab::step
