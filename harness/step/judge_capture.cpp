// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/judge_capture.hpp"

#include "harness/pcap/decode.hpp"
#include "harness/pcap/filter.hpp"
#include "harness/verdict/packet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace nflab::step {
namespace {

std::string in_words(const scenario::Expectation& expectation) {
    const std::string packets =
        expectation.capture->filter.empty()
            ? fmt::format("packets in capture {}", expectation.capture->name)
            : fmt::format("packets \"{}\" in capture {}", expectation.capture->filter,
                          expectation.capture->name);
    if (expectation.negated)
        return "no " + packets;
    return expectation.count ? fmt::format("exactly {} {}", *expectation.count, packets)
                             : "at least one of " + packets;
}

// "icmp echo 10.0.0.1 -> 10.0.0.2 (3×); …": the kinds that came most often first.
std::string summary(const pcap::File& file) {
    constexpr std::size_t most = 5;
    std::map<std::string, std::size_t> times;
    for (const pcap::Packet& packet : file.packets)
        ++times[verdict::describe(pcap::decode(packet, file.link_type))];
    std::vector<std::pair<std::string, std::size_t>> kinds(times.begin(), times.end());
    std::stable_sort(kinds.begin(), kinds.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text;
    for (std::size_t i = 0; i < std::min(kinds.size(), most); ++i)
        text += fmt::format("{}{} ({}×)", i == 0 ? "" : "; ", kinds[i].first, kinds[i].second);
    if (kinds.size() > most)
        text += fmt::format("; and {} other kinds", kinds.size() - most);
    return text;
}

std::size_t matching(const pcap::File& file, const std::string& filter) {
    if (filter.empty())
        return file.packets.size();
    const pcap::Filter compiled(filter, file.link_type);
    return static_cast<std::size_t>(
        std::count_if(file.packets.begin(), file.packets.end(),
                      [&](const pcap::Packet& packet) { return compiled.matches(packet); }));
}

bool holds(const scenario::Expectation& expectation, std::size_t found) {
    if (expectation.negated)
        return found == 0;
    return expectation.count ? found == static_cast<std::size_t>(*expectation.count) : found > 0;
}

} // namespace

Check judge_capture(const scenario::Expectation& expectation,
                    const std::vector<CaptureOutcome>& captures) {
    Check check{expectation.text, expectation.where.line, false, in_words(expectation), {}, {}};
    const auto capture =
        std::find_if(captures.begin(), captures.end(), [&](const CaptureOutcome& outcome) {
            return outcome.name == expectation.capture->name;
        });
    if (capture == captures.end()) {
        check.seen = "nothing was captured";
        return check;
    }
    try {
        const pcap::File file = pcap::read(capture->pcap);
        const std::size_t found = matching(file, expectation.capture->filter);
        check.passed = holds(expectation, found);
        check.seen = fmt::format("{} of {} captured", found, file.packets.size());
        if (!check.passed && !file.packets.empty())
            check.seen += ": " + summary(file);
        if (capture->dropped > 0) {
            check.seen += fmt::format("; {} more were lost at {}", capture->dropped, capture->node);
            // Those that are missing could be what was expected, or what was not.
            check.passed = check.passed && !expectation.negated && !expectation.count;
        }
    } catch (const std::invalid_argument& error) {
        check.seen = fmt::format("the capture cannot be read so: {}", error.what());
    }
    return check;
}

} // namespace nflab::step
