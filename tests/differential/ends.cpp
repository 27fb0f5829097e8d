// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/ends.hpp"

#include "harness/step/lines.hpp"
#include "tests/differential/topology.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace nflab::witness {
namespace {

using Words = std::vector<std::string>;

// What these and their answers are told about fits into nfverdict's buffer even when it does not
// run meanwhile.
constexpr std::ptrdiff_t at_once = 80;

std::size_t wire_of(Origin origin) {
    switch (origin) {
    case Origin::wan:
        return 1;
    case Origin::left:
        return 2;
    case Origin::right:
        return 3;
    default:
        return 0;
    }
}

// Whose address the router answers to: that of a bridge is its first port's.
std::string router_device(const WireEnds& wire) {
    return wire.router_device.starts_with("p") ? "p1" : wire.router_device;
}

} // namespace

Ends::Ends(lab::Session& session) : session_(session) {
    const std::string& lab = session.plan().lab;
    Words reflect{node_program, "reflect"};
    for (const WireEnds& wire : wires()) {
        wires_.push_back(
            std::make_unique<Helper>(session, wire.node,
                                     Words{node_program, "wire", wire.device,
                                           plan::derive_mac(lab, "router", wire.router_device)}));
        reflect.push_back(wire.router_device);
        reflect.push_back(plan::derive_mac(lab, wire.node, wire.device));
    }
    reflector_ = std::make_unique<Helper>(session, "router", reflect);
    reflector_->wait_for("r\n");
    for (const auto& wire : wires_) {
        wire->wait_for("r\n");
        wire->take();
    }
}

void Ends::send(const std::vector<Shot>& shots, const Names& names, Evidence& evidence,
                const Router& router) {
    std::vector<std::vector<std::string>> frames(wires_.size());
    std::string own;
    for (const Shot& shot : shots) {
        const std::size_t from = wire_of(shot.origin);
        const WireEnds& wire = wires()[from];
        const Mac source = mac(wire.node, wire.device);
        const bool across =
            (shot.origin == Origin::left || shot.origin == Origin::right) && !shot.to_router;
        const WireEnds& other = wires()[from ^ 1];
        const Mac destination =
            across ? mac(other.node, other.device) : mac("router", router_device(wire));
        const auto datagrams = shot.arp ? std::vector<Bytes>{arp_request(source, shot.packet.source,
                                                                         shot.packet.destination)}
                                        : shot.datagrams();
        for (const Bytes& ip : datagrams) {
            const Bytes bytes = frame(destination, source, ip);
            if (shot.origin == Origin::router)
                own += to_hex(ip.data(), ip.size()) + "\n";
            else
                frames[from].push_back("f " + to_hex(bytes.data(), bytes.size()) + "\n");
        }
    }
    for (std::size_t i = 0; i < frames.size(); ++i)
        for (std::size_t at = 0; at < frames[i].size(); at += at_once) {
            const auto begin = frames[i].begin() + static_cast<std::ptrdiff_t>(at);
            const auto end = std::min(begin + at_once, frames[i].end());
            round(i, fmt::format("{}", fmt::join(begin, end, "")));
            router.settle();
        }
    if (!own.empty()) {
        router.send(own);
        round(0, "");
        router.settle();
    }
    for (const auto& wire : wires_) {
        step::LineBuffer lines;
        CaptureReader captured(names, evidence);
        lines.feed(wire->take(), [&](std::string_view text) {
            const std::string line(text);
            if (line.starts_with("d ") && !line.ends_with(" 0"))
                evidence.complaints.push_back("the capture lost packets: " + line);
            if (line.starts_with("e "))
                evidence.complaints.push_back("an end of the lab: " + line);
            captured.take(line);
        });
    }
}

void Ends::round(std::size_t origin, const std::string& frames) {
    const std::string mark = fmt::format("d {} ", ++rounds_);
    wires_[origin]->write(fmt::format("{}g {}\n", frames, rounds_));
    wires_[origin]->wait_for(mark);
    wires_[origin ^ 1]->wait_for(mark);
}

Mac Ends::mac(const std::string& node, const std::string& device) const {
    return mac_address(plan::derive_mac(session_.plan().lab, node, device));
}

} // namespace nflab::witness
