// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/shape.hpp"

#include "harness/verdict/decision.hpp"
#include "harness/verdict/draw.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nflab::report {

std::string shape(const verdict::PacketPath& path, const std::vector<verdict::SentPacket>& sent) {
    std::string key = path.reply ? "reply" : "there";
    if (path.sent)
        key += fmt::format(" {} {} {} {} {}", sent[*path.sent].node, sent[*path.sent].protocol,
                           sent[*path.sent].destination, sent[*path.sent].destination_port,
                           static_cast<int>(sent[*path.sent].result));
    else
        key += verdict::describe(path.records.front().packet);
    for (const verdict::Record& record : path.records)
        key += fmt::format("|{} {} {} {} {}", record.node, record.netns, record.hook,
                           verdict::place(record), verdict::decision(record));
    if (path.cause)
        key += fmt::format("|{}", static_cast<int>(path.cause->kind));
    for (const std::string& doubt : path.doubts)
        key += "|" + doubt;
    return key;
}

std::map<std::string, int> sent_without_path(const std::vector<verdict::PacketPath>& paths,
                                             const std::vector<verdict::SentPacket>& sent) {
    std::map<std::string, int> lines;
    for (std::size_t i = 0; i < sent.size(); ++i) {
        const bool drawn =
            std::any_of(paths.begin(), paths.end(),
                        [&](const verdict::PacketPath& path) { return path.sent == i; });
        if (drawn)
            continue;
        const verdict::SentPacket& packet = sent[i];
        const char* result = packet.result == verdict::SentPacket::Result::replied ? "answered"
                             : packet.result == verdict::SentPacket::Result::failed
                                 ? packet.detail.c_str()
                                 : "no answer";
        ++lines[fmt::format("{} {} -> {}: {}; no traced node's rules saw it", packet.protocol,
                            packet.source, packet.destination, result)];
    }
    return lines;
}

} // namespace nflab::report
