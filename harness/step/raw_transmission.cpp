// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/step/echo_listener.hpp"
#include "harness/step/frame_transmission.hpp"
#include "harness/step/raw_packets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

// Packets that are sent as they are written: raw, half-open connections, floods, replays.
namespace nflab::step {
namespace {

using verdict::SentPacket;

constexpr std::chrono::microseconds one_second{1'000'000};

RawContext context_of(lab::Session& session, const scenario::Send& order,
                      const std::string& interface) {
    RawContext context;
    context.node = order.from;
    context.destination = destination_of(session.plan(), order);
    context.link = find_link_route(session, order.from, context.destination, interface);
    context.run = std::random_device()();
    return context;
}

// The next hop's address must be known, unless the scenario says it or everybody is meant.
bool knows_next_hop(const scenario::RawPacket& raw, const RawContext& context) {
    const bool named = !raw.layers.empty() &&
                       raw.layers.front().header == packet::Header::ethernet &&
                       raw.layers.front().bytes.contains("destination");
    const bool arp = std::any_of(raw.layers.begin(), raw.layers.end(), [](const auto& layer) {
        return layer.header == packet::Header::arp;
    });
    return named || arp || !context.link.next_mac.empty();
}

std::vector<std::string> held_port(const SentPacket& packet) {
    const bool ports =
        packet.protocol == "tcp" || packet.protocol == "udp" || packet.protocol == "sctp";
    if (!ports || packet.source_port == 0)
        return {};
    return {fmt::format("{}:{}", packet.protocol, packet.source_port)};
}

struct Prepared {
    FrameOrder frames;
    std::string complaint; ///< why nothing can be sent
};

Prepared prepare(const scenario::Send& order, const scenario::RawPacket& raw,
                 const RawContext& context, std::chrono::microseconds interval) {
    Prepared prepared;
    FrameOrder& frames = prepared.frames;
    frames.node = order.from;
    frames.interface = context.link.interface;
    frames.timeout = order.timeout;
    if (!knows_next_hop(raw, context))
        prepared.complaint = fmt::format("nobody answers for {} on {}", context.link.next_hop,
                                         context.link.interface);
    for (int i = 0; i < order.count; ++i) {
        RawFrames packet = raw_frames(raw, order.size, static_cast<std::uint32_t>(i), context);
        for (packet::Bytes& bytes : packet.frames) {
            const bool first = &bytes == &packet.frames.front();
            frames.frames.push_back({i > 0 && first ? interval : std::chrono::microseconds(0),
                                     std::move(bytes), frames.packets.size()});
        }
        const auto held = held_port(packet.sent);
        if (i == 0 || frames.held.size() < 256)
            frames.held.insert(frames.held.end(), held.begin(), held.end());
        frames.packets.push_back(std::move(packet.sent));
    }
    return prepared;
}

// What could not be sent at all, for want of a next hop: that is a result, no mistake.
class Unsent : public Transmission {
  public:
    Unsent(std::vector<SentPacket> packets, const std::string& complaint)
        : packets_(std::move(packets)) {
        for (SentPacket& packet : packets_) {
            packet.result = SentPacket::Result::failed;
            packet.detail = complaint;
        }
    }
    bool begun() const override { return true; }
    bool ended() const override { return true; }
    std::vector<SentPacket> finish() override { return std::move(packets_); }

  private:
    std::vector<SentPacket> packets_;
};

class RawTransmission : public FrameTransmission {
  public:
    RawTransmission(lab::Session& session, FrameOrder frames, std::unique_ptr<NodeProgram> listener)
        : FrameTransmission(session, std::move(frames)), listener_(std::move(listener)) {}

  private:
    std::unique_ptr<NodeProgram> listener_;
};

class Flood : public FrameTransmission {
  public:
    Flood(lab::Session& session, FrameOrder frames, TrafficOutcome outcome)
        : FrameTransmission(session, std::move(frames)), outcome_(std::move(outcome)) {}

    std::optional<TrafficOutcome> total() const override {
        TrafficOutcome outcome = outcome_;
        outcome.sent = frames_sent();
        outcome.seconds = seconds();
        outcome.text = fmt::format("{}: {} sent {} packets to {} in {:.2f} s", outcome.kind,
                                   outcome.from, outcome.sent, outcome.to, outcome.seconds);
        // The last packet's own time is not among those between packets.
        if (outcome.sent > 1 && outcome.seconds > 0)
            outcome.text += fmt::format(", {:.0f} a second",
                                        static_cast<double>(outcome.sent - 1) / outcome.seconds);
        return outcome;
    }

  private:
    TrafficOutcome outcome_;
};

// With the MAC addresses of the lab instead of those that it was captured with.
void readdress(packet::Bytes& frame, const LinkRoute& link) {
    constexpr std::size_t addresses = 12;
    if (frame.size() < addresses || link.next_mac.size() != 6 || link.own_mac.size() != 6)
        return;
    std::copy(link.next_mac.begin(), link.next_mac.end(), frame.begin());
    std::copy(link.own_mac.begin(), link.own_mac.end(), frame.begin() + 6);
}

} // namespace

std::unique_ptr<Transmission> start_raw(lab::Session& session, const scenario::Send& order) {
    const scenario::RawPacket raw =
        order.raw ? *order.raw : plain_packet(scenario::Protocol::tcp, order);
    const RawContext context = context_of(session, order, raw.interface);
    scenario::Send sized = order;
    if (!order.raw)
        sized.size = 0;
    Prepared prepared = prepare(sized, raw, context, order.interval);
    if (!prepared.complaint.empty())
        return std::make_unique<Unsent>(std::move(prepared.frames.packets), prepared.complaint);
    return std::make_unique<RawTransmission>(session, std::move(prepared.frames),
                                             listen_for(session, order));
}

std::unique_ptr<Transmission> start_flood(lab::Session& session, const scenario::Send& order) {
    const scenario::RawPacket raw = plain_packet(order.protocol, order);
    const RawContext context = context_of(session, order, {});
    scenario::Send sized = order;
    if (order.protocol == scenario::Protocol::tcp)
        sized.size = 0;
    Prepared prepared = prepare(sized, raw, context, one_second / order.flood->rate);
    if (!prepared.complaint.empty())
        throw Error(Failure::lab,
                    fmt::format("node '{}' cannot send: {}", order.from, prepared.complaint));
    // Nobody looks for answers, and the sender's kernel may say to them what it likes.
    prepared.frames.held.clear();
    prepared.frames.timeout = {};
    prepared.frames.quiet = true;
    TrafficOutcome outcome;
    outcome.kind = "flood";
    outcome.from = order.from;
    outcome.to = order.to;
    return std::make_unique<Flood>(session, std::move(prepared.frames), std::move(outcome));
}

std::unique_ptr<Transmission> start_replay(lab::Session& session, const scenario::Send& order) {
    const scenario::Replay& replay = *order.replay;
    const plan::Node* node = session.plan().find_node(order.from);
    FrameOrder frames;
    frames.node = order.from;
    frames.interface = replay.interface;
    if (frames.interface.empty() && node && !node->nics.empty())
        frames.interface = node->nics.front().name;
    std::optional<LinkRoute> link;
    if (!replay.via.empty()) {
        scenario::Send hop = order;
        hop.to = replay.via;
        hop.ipv6 = replay.via.find(':') != std::string::npos;
        link = find_link_route(session, order.from, destination_of(session.plan(), hop),
                               frames.interface);
        if (link->next_mac.empty())
            throw Error(Failure::lab, fmt::format("node '{}' cannot send: nobody answers for {}",
                                                  order.from, replay.via));
    }
    for (int run = 0; run < order.count; ++run) {
        std::chrono::nanoseconds last = replay.frames.packets.front().time;
        for (const pcap::Packet& packet : replay.frames.packets) {
            packet::Bytes bytes = packet.bytes;
            if (link)
                readdress(bytes, *link);
            std::chrono::microseconds after = order.interval;
            if (order.interval.count() == 0)
                after = std::chrono::duration_cast<std::chrono::microseconds>(
                    std::max(packet.time - last, std::chrono::nanoseconds(0)));
            last = packet.time;
            frames.packets.push_back(sent_frame(order.from, bytes));
            frames.frames.push_back({after, std::move(bytes), frames.packets.size() - 1});
        }
    }
    TrafficOutcome outcome;
    outcome.kind = "pcap";
    outcome.from = order.from;
    outcome.to = frames.interface;
    return std::make_unique<Flood>(session, std::move(frames), std::move(outcome));
}

} // namespace nflab::step
