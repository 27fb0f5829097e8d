// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/read_measurement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace nflab::scenario {

namespace {

constexpr std::chrono::seconds longest(60);

bool is_bitrate(const std::string& text) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::string unit = text.substr(digits);
    return digits > 0 && digits < 10 && (unit.empty() || unit == "K" || unit == "M" || unit == "G");
}

} // namespace

void read_flood(Reading& reading, const Fields& fields, Send& send) {
    constexpr int usual_rate = 1'000;
    const std::string protocol = fields.text("protocol");
    send.protocol = protocol == "tcp"    ? Protocol::tcp
                    : protocol == "icmp" ? Protocol::icmp
                                         : Protocol::udp;
    send.flood = Flood{fields.integer("rate").value_or(usual_rate)};
    if (send.protocol == Protocol::icmp && fields.has("port"))
        reading.problems.add(fields.where("port"), "a flood of icmp has no 'port'",
                             "leave it out, or send `protocol: udp` or `tcp`");
    if (send.protocol != Protocol::icmp && !fields.has("port"))
        reading.problems.add(fields.where(), "a flood has no 'port'", "add `port:`");
    constexpr int most = 10'000;
    if (send.count > most)
        reading.problems.add(fields.where("count"),
                             fmt::format("a flood of {} packets", send.count),
                             fmt::format("each is followed on its way: {} are the most", most));
    if (std::chrono::seconds(send.count / send.flood->rate) > longest)
        reading.problems.add(fields.where("count"),
                             fmt::format("this flood takes {} s", send.count / send.flood->rate),
                             "60 s are the most: choose a smaller 'count' or a higher 'rate'");
}

void read_iperf3(Reading& reading, const Fields& fields, Send& send) {
    const std::string protocol = fields.text("protocol");
    send.protocol = protocol == "udp" ? Protocol::udp : Protocol::tcp;
    if (protocol == "icmp")
        reading.problems.add(fields.where("protocol"), "iperf3 knows no icmp", "write tcp or udp");
    Iperf3 iperf3;
    iperf3.duration = fields.duration("duration").value_or(iperf3.duration);
    iperf3.bitrate = fields.text("bitrate");
    iperf3.reverse = fields.flag("reverse");
    if (iperf3.duration < std::chrono::seconds(1) || iperf3.duration > longest ||
        iperf3.duration % std::chrono::seconds(1) != std::chrono::seconds(0))
        reading.problems.add(fields.where("duration"), "iperf3 cannot run for such a time",
                             "write whole seconds, from 1s to 60s");
    if (!iperf3.bitrate.empty() && !is_bitrate(iperf3.bitrate))
        reading.problems.add(fields.where("bitrate"),
                             fmt::format("'{}' is not a bit rate", iperf3.bitrate),
                             "write a number with K, M or G, such as 10M");
    send.iperf3 = std::move(iperf3);
}

void read_replay(Reading& reading, const Fields& fields, Send& send) {
    Replay replay;
    replay.file = fields.text("pcap");
    replay.interface = fields.text("interface");
    replay.via = fields.text("via");
    send.to = replay.file;
    if (!fields.has("interval"))
        send.interval = {}; // as captured
    if (!replay.via.empty() && !Address::parse(replay.via))
        require_node(reading, {replay.via, fields.where("via")});
    if (fields.get("pcap") != nullptr) {
        const auto content = reading.files(
            (std::filesystem::path(reading.problems.file()).parent_path() / replay.file).string());
        std::string complaint = content.problem;
        try {
            if (content.text)
                replay.frames = pcap::read(*content.text);
        } catch (const std::invalid_argument& error) {
            complaint = error.what();
        }
        if (complaint.empty() && replay.frames.link_type != pcap::ethernet)
            complaint = "its packets are not Ethernet frames";
        if (complaint.empty() && replay.frames.packets.empty())
            complaint = "it holds no packet";
        if (complaint.empty() &&
            replay.frames.packets.back().time - replay.frames.packets.front().time > longest &&
            !fields.has("interval"))
            complaint = "it takes longer than 60 s; say an `interval`";
        if (!complaint.empty())
            reading.problems.add(fields.where("pcap"),
                                 fmt::format("cannot replay '{}': {}", replay.file, complaint),
                                 "name a pcap or pcapng file of Ethernet frames; a relative path "
                                 "starts at the scenario's folder");
    }
    send.replay = std::move(replay);
}

} // namespace nflab::scenario
