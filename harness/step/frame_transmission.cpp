// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/frame_transmission.hpp"

#include "harness/base/error.hpp"
#include "harness/packet/hex.hpp"
#include "harness/pcap/decode.hpp"
#include "harness/step/raw_answer.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace nflab::step {
namespace {

using Result = verdict::SentPacket::Result;

std::chrono::milliseconds limit_of(const FrameOrder& order) {
    std::chrono::microseconds sum{};
    for (const FrameOrder::Frame& frame : order.frames)
        sum += frame.after;
    // Twice the time, for machines that cannot keep up.
    return std::chrono::duration_cast<std::chrono::milliseconds>(2 * sum) + order.timeout +
           std::chrono::seconds(20);
}

NodeProgram::Order program_order(const FrameOrder& order, std::chrono::milliseconds limit) {
    NodeProgram::Order run;
    run.node = order.node;
    run.argv = {"nftraffic", "frames", "--interface", order.interface};
    for (const std::string& port : order.held)
        run.argv.insert(run.argv.end(), {"--hold", port});
    if (order.quiet)
        run.argv.insert(run.argv.end(), {"--quiet", "1"});
    else
        run.argv.insert(run.argv.end(), {"--linger", std::to_string(order.timeout.count())});
    run.limit = limit;
    run.input = true;
    return run;
}

} // namespace

FrameTransmission::FrameTransmission(lab::Session& session, FrameOrder order)
    : order_(std::move(order)), sent_ns_(order_.packets.size()), limit_(limit_of(order_)),
      program_(session, program_order(order_, limit_),
               [this](std::string_view line) { read(line); }) {
    std::string lines;
    for (const FrameOrder::Frame& frame : order_.frames)
        lines += fmt::format("{} {}\n", frame.after.count(), packet::to_hex(frame.bytes));
    program_.input(lines);
}

void FrameTransmission::read(std::string_view line) {
    const auto message = nlohmann::json::parse(line, nullptr, false);
    if (!message.is_object())
        return;
    const std::string type = message.value("type", "");
    const std::int64_t time = message.value("time_ns", std::int64_t{0});
    if (type == "received") {
        take(message.value("frame", ""), time);
    } else if (type == "end") {
        heard_out_ = true;
    } else if (type == "done") {
        over_ = true;
        frames_sent_ = message.value("sent", std::uint64_t{0});
        seconds_ = static_cast<double>(time) / 1e9;
    } else if (const auto number = message.value("number", order_.frames.size());
               number < order_.frames.size()) {
        const std::size_t index = order_.frames[number].packet;
        if (type == "sent" && index < sent_ns_.size()) {
            begun_ = true;
            sent_ns_[index] = time;
        } else if (type == "failed" && index < order_.packets.size()) {
            order_.packets[index].result = Result::failed;
            order_.packets[index].detail = message.value("message", "");
        }
    }
}

void FrameTransmission::take(std::string_view frame, std::int64_t time_ns) {
    const auto bytes = packet::from_hex(frame);
    if (!bytes)
        return;
    const verdict::Packet came = pcap::decode_frame(*bytes);
    for (std::size_t i = 0; i < order_.packets.size(); ++i) {
        verdict::SentPacket& packet = order_.packets[i];
        if (packet.result != Result::pending || sent_ns_[i] == 0)
            continue;
        const auto answer = answer_to(packet, came);
        if (!answer)
            continue;
        packet.rtt_us = (time_ns - sent_ns_[i]) / 1'000;
        const bool late = std::chrono::microseconds(packet.rtt_us) > order_.timeout;
        packet.result = late ? Result::timeout : answer->reply ? Result::replied : Result::failed;
        packet.detail = answer->refusal;
        return;
    }
}

bool FrameTransmission::all_answered() const {
    return heard_out_ || (over_ && (order_.timeout.count() == 0 || order_.quiet ||
                                    std::none_of(order_.packets.begin(), order_.packets.end(),
                                                 [](const verdict::SentPacket& packet) {
                                                     return packet.result == Result::pending;
                                                 })));
}

std::vector<verdict::SentPacket> FrameTransmission::finish() {
    program_.wait([this] { return all_answered(); }, limit_ + std::chrono::seconds(5));
    if (!over_)
        throw Error(Failure::lab,
                    fmt::format("node '{}' cannot send: {}", order_.node, program_.complaint()));
    // Ports that it holds are held until the step is over.
    if (order_.held.empty())
        program_.kill();
    for (verdict::SentPacket& packet : order_.packets)
        if (packet.result == Result::pending)
            packet.result = Result::timeout;
    return std::move(order_.packets);
}

} // namespace nflab::step
