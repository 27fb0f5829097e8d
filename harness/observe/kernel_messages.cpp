// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/observe/kernel_messages.hpp"

#include "harness/observe/finding.hpp"
#include "harness/observe/words.hpp"
#include "harness/scenario/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace nflab::observe {
namespace {

using scenario::KernelLog;

// "6,1234,56789012,-;text", and perhaps more fields before the semicolon.
std::optional<KernelMessage> message_of(std::string_view line) {
    const auto semicolon = line.find(';');
    const auto comma = line.find(',');
    if (semicolon == std::string_view::npos || comma > semicolon)
        return std::nullopt;
    KernelMessage message;
    unsigned priority = 0;
    const auto first = std::from_chars(line.data(), line.data() + comma, priority);
    const auto second =
        std::from_chars(line.data() + comma + 1, line.data() + semicolon, message.sequence);
    if (first.ec != std::errc{} || second.ec != std::errc{})
        return std::nullopt;
    constexpr unsigned levels = 8; // the rest is the facility
    message.level = static_cast<int>(priority % levels);
    message.text = line.substr(semicolon + 1);
    return message;
}

bool holds_any(const std::string& text, const std::vector<std::string>& parts) {
    return std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
        return text.find(part) != std::string::npos;
    });
}

std::string in_words(const KernelLog& wanted, std::optional<int> count) {
    const std::string level =
        wanted.level == 7
            ? ""
            : fmt::format(" of level {} or above",
                          scenario::log_levels[static_cast<std::size_t>(wanted.level)]);
    std::string text = count ? how_many(static_cast<std::size_t>(*count), "kernel message")
                       : wanted.has.empty() ? "no kernel message"
                                            : "a kernel message";
    text += level;
    for (const std::string& part : wanted.has)
        text += fmt::format(" with \"{}\"", part);
    for (const std::string& part : wanted.lacks)
        text += fmt::format(" {}with \"{}\"", wanted.has.empty() ? "" : "and none ", part);
    if (!wanted.allow.empty())
        text += fmt::format(" but for {}", some_of(wanted.allow, ""));
    return text;
}

} // namespace

std::vector<KernelMessage> read_kernel_messages(std::string_view text) {
    std::vector<KernelMessage> messages;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        const auto line = text.substr(begin, end - begin);
        // Lines that begin with a blank say more about the message above.
        if (!line.empty() && line.front() != ' ')
            if (auto message = message_of(line))
                messages.push_back(std::move(*message));
        begin = end + 1;
    }
    return messages;
}

Look look_at(const KernelLog& /*wanted*/) {
    // Each read gives one record, and EAGAIN behind the last one.
    return {{"bash", "-c", "dd if=/dev/kmsg iflag=nonblock bs=8192 status=none 2>/dev/null; true"}};
}

Finding examine(const KernelLog& wanted, const Answer& now, const Answer* then,
                std::optional<int> count) {
    Finding finding;
    finding.expected = in_words(wanted, count);
    const auto messages = read_kernel_messages(now.out);
    if (messages.empty()) {
        const std::string why = failure(now);
        finding.seen = "the kernel's log cannot be read: " + (why.empty() ? "it is empty" : why);
        return finding;
    }
    std::uint64_t seen_before = 0;
    bool any_before = false;
    if (then != nullptr) {
        const auto earlier = read_kernel_messages(then->out);
        any_before = !earlier.empty();
        if (any_before)
            seen_before = earlier.back().sequence;
    }
    const bool overwritten = any_before && messages.front().sequence > seen_before + 1;
    std::vector<std::string> found;
    std::vector<std::string> others;
    bool unwanted = false;
    std::vector<bool> there(wanted.has.size());
    for (const KernelMessage& message : messages) {
        if ((any_before && message.sequence <= seen_before) || message.level > wanted.level ||
            holds_any(message.text, wanted.allow))
            continue;
        for (std::size_t i = 0; i < wanted.has.size(); ++i)
            there[i] = there[i] || message.text.find(wanted.has[i]) != std::string::npos;
        unwanted |= holds_any(message.text, wanted.lacks);
        const bool meant = wanted.has.empty()
                               ? wanted.lacks.empty() || holds_any(message.text, wanted.lacks)
                               : holds_any(message.text, wanted.has);
        (meant ? found : others).push_back(message.text);
    }
    const bool all_there = std::all_of(there.begin(), there.end(), [](bool each) { return each; });
    bool good = all_there && !unwanted;
    if (count)
        good = good && found.size() == static_cast<std::size_t>(*count);
    else if (wanted.has.empty())
        good = good && found.empty();
    // What is no longer there may have been anything.
    const bool certain = !overwritten ||
                         (good && !wanted.has.empty() && wanted.lacks.empty() && !count) ||
                         (!good && !found.empty() && !count);
    finding.holds = !certain ? Finding::Holds::unknown
                    : good   ? Finding::Holds::yes
                             : Finding::Holds::no;
    finding.seen =
        how_many(found.size(), "message") + (found.empty() ? "" : ": ") + some_of(found, "", 4);
    if (found.empty() && !others.empty())
        finding.seen += ", but " + some_of(others, "", 3);
    if (overwritten)
        finding.seen += "; older messages of this step have been overwritten";
    return finding;
}

} // namespace nflab::observe
