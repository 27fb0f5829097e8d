// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/send.hpp"

#include "harness/scenario/address.hpp"
#include "harness/step/transmission.hpp"

#include <algorithm>
#include <string>

namespace nflab::step {
namespace {

std::string address_of(const std::string& cidr) {
    return cidr.substr(0, cidr.find('/'));
}

bool is_ipv6(const std::string& address) {
    return address.find(':') != std::string::npos;
}

// Whether the node has an address in the subnet of `cidr`.
bool is_near(const plan::Node& node, const std::string& cidr) {
    const auto subnet = scenario::Subnet::parse(cidr);
    const auto holds = [&](const std::string& own) {
        const auto address = scenario::Subnet::parse(own);
        return subnet && address && subnet->contains(address->address);
    };
    return std::any_of(node.link_addresses.begin(), node.link_addresses.end(), holds) ||
           std::any_of(node.nics.begin(), node.nics.end(), [&](const plan::Nic& nic) {
               return std::any_of(nic.addresses.begin(), nic.addresses.end(), holds);
           });
}

std::unique_ptr<Transmission> start(lab::Session& session, const scenario::Send& order) {
    if (order.flood)
        return start_flood(session, order);
    if (order.iperf3)
        return start_iperf3(session, order);
    if (order.replay)
        return start_replay(session, order);
    if (order.raw || order.connection.half_open)
        return start_raw(session, order);
    return start_probe(session, order);
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
    for (const std::string& cidr : target->link_addresses) {
        const std::string address = address_of(cidr);
        if (is_ipv6(address) != ipv6)
            continue;
        if (first.empty())
            first = address;
        if (source && is_near(*source, cidr))
            return address;
    }
    return first;
}

Sending::Sending(lab::Session& session, const scenario::Send& order)
    : transmission_(start(session, order)) {}

Sending::Sending(Sending&&) noexcept = default;
Sending::~Sending() = default;

bool Sending::begun() const {
    return transmission_->begun();
}

bool Sending::ended() const {
    return transmission_->ended();
}

std::vector<verdict::SentPacket> Sending::finish() {
    return transmission_->finish();
}

std::optional<TrafficOutcome> Sending::total() const {
    return transmission_->total();
}

} // namespace nflab::step
