// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/pcap/decode.hpp"
#include "harness/report/pcapng.hpp"
#include "harness/verdict/decision.hpp"
#include "harness/verdict/draw.hpp"
#include "harness/verdict/flow.hpp"
#include "harness/verdict/packet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace nflab::report {
namespace {

using verdict::PacketPath;
using verdict::Record;

// Whether a captured frame bears one of the names under which the record's packet travels. In a
// conntrack entry the id of an echo stands for one port only, type and code for the other.
bool same_names(const verdict::Packet& captured, const Record& record) {
    const verdict::Tuple mine = verdict::tuple_of(captured);
    const verdict::FlowNames flow = verdict::flow_names(record);
    return std::any_of(
        flow.names.begin(), flow.names.begin() + static_cast<std::ptrdiff_t>(flow.count),
        [&](const verdict::Tuple& name) {
            if (!verdict::same_addresses(mine, name))
                return false;
            if (!verdict::knows_transport(captured) || !verdict::knows_transport(record.packet))
                return true;
            return verdict::is_echo(captured) ? name.source_port == captured.icmp_id ||
                                                    name.destination_port == captured.icmp_id
                                              : verdict::same_end_points(mine, name);
        });
}

// Whether a captured frame and a record are of the same packet, which may have been translated
// between the two, or cut into pieces.
bool same_packet(const verdict::Packet& captured, const Record& record) {
    if (captured.family == 0 || captured.family != record.packet.family ||
        captured.protocol != record.packet.protocol)
        return false;
    if (!same_names(captured, record))
        return false;
    return verdict::is_unmistakable(captured, record.packet) ||
           verdict::same_headers(captured, record.packet) ||
           verdict::same_datagram(captured, record.packet) ||
           verdict::overlaps(captured, record.packet);
}

// "forward filter/FORWARD policy DROP (router, iptables)"
std::string decider(const Record& record) {
    std::string chain = verdict::table_and_chain(record);
    return fmt::format("{} {} {} ({}, {})", record.hook, chain, verdict::decision(record),
                       record.node,
                       record.rule_kind == verdict::RuleKind::none ? "no rule" : record.engine);
}

std::string comment(const step::StepOutcome& step, std::size_t index) {
    const PacketPath& path = step.paths[index];
    std::string text = verdict::outcome(path, step.sent);
    if (const Record* end = path.end())
        text += ": " + decider(*end);
    for (const verdict::PathLine& line : verdict::draw(step.paths, index, step.sent))
        text += '\n' + line.text;
    return text;
}

// Without the packet's number, by which alike packets differ.
std::string fate(const step::StepOutcome& step, std::size_t index) {
    const PacketPath& path = step.paths[index];
    std::string text = verdict::outcome(path, {step.sent});
    for (const Record& record : path.records)
        text += fmt::format("|{} {} {} {}", record.node, record.hook, verdict::place(record),
                            verdict::decision(record));
    return text;
}

} // namespace

std::vector<std::string> capture_comments(const pcap::File& file, const step::StepOutcome& step) {
    std::vector<std::string> comments;
    for (const pcap::Packet& packet : file.packets) {
        const verdict::Packet headers = pcap::decode(packet, file.link_type);
        std::vector<std::size_t> candidates;
        for (std::size_t i = 0; i < step.paths.size(); ++i)
            if (std::any_of(step.paths[i].records.begin(), step.paths[i].records.end(),
                            [&](const Record& record) { return same_packet(headers, record); }))
                candidates.push_back(i);
        std::set<std::string> fates;
        for (const std::size_t candidate : candidates)
            fates.insert(fate(step, candidate));
        if (candidates.empty())
            comments.emplace_back();
        else if (fates.size() == 1)
            comments.push_back(comment(step, candidates.front()));
        else
            comments.push_back(fmt::format("not certain: {} packets of the step look like this one "
                                           "and fared differently",
                                           candidates.size()));
    }
    return comments;
}

std::string commented_pcapng(const step::CaptureOutcome& capture, const step::StepOutcome& step) {
    try {
        const pcap::File file = pcap::read(capture.pcap);
        return pcapng(file, {capture.node + ' ' + capture.interface, capture.filter},
                      capture_comments(file, step));
    } catch (const std::invalid_argument&) {
        return capture.pcap;
    }
}

} // namespace nflab::report
