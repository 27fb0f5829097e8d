// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/records/output.hpp"

#include "guest/nfverdict/kernel/netns.hpp"
#include "harness/verdict/decision.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace nflab::nfverdict {
namespace {

std::string to_text(const nlohmann::json& message) {
    return message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// What a person wants to know of the lines that are no records; empty: nothing.
std::string in_words(const nlohmann::json& message) {
    const std::string type = message.value("type", "");
    if (type == "ready") {
        std::string engines;
        for (const auto& engine : message["engines"])
            if (engine.contains("method"))
                engines += fmt::format("{}{}", engines.empty() ? "" : ", ",
                                       engine["engine"].get<std::string>());
        return fmt::format("observing {} (self-test {}); end with Ctrl-C", engines,
                           message.value("self_test", ""));
    }
    if (type == "lost")
        return fmt::format("{} events lost", message.value("count", std::uint64_t{0}));
    if (type == "done")
        return fmt::format("{} records, {} lost", message.value("records", std::uint64_t{0}),
                           message.value("lost", std::uint64_t{0}));
    if (type == "notice" || type == "error")
        return message.value("message", "");
    return {};
}

} // namespace

Output::Output(Format format)
    : format_(format), style_(report::Style::for_output(STDOUT_FILENO)),
      own_netns_(Netns::current().inode()) {}

void Output::add(const std::string& text) {
    constexpr std::size_t enough = 1U << 16;
    buffer_ += text;
    buffer_ += '\n';
    if (buffer_.size() >= enough)
        flush();
}

void Output::record(const verdict::Record& record) {
    if (format_ == Format::json) {
        verdict::append_json(buffer_, record);
        add({});
        return;
    }
    const std::string text = verdict::line(
        record, record.netns == own_netns_ ? "" : fmt::format("netns {}", record.netns));
    add(verdict::ends_packet(record) ? style_.bad(text) : text);
}

void Output::line(const nlohmann::json& message) {
    if (format_ == Format::json) {
        add(to_text(message));
    } else if (const std::string words = in_words(message); !words.empty()) {
        flush();
        fmt::print(stderr, "nfverdict: {}\n", words);
    }
}

void Output::notice(const std::string& text) {
    line({{"type", "notice"}, {"message", text}});
}

void Output::error(const std::string& text) {
    line({{"type", "error"}, {"message", text}});
}

void Output::flush() {
    std::string_view rest = buffer_;
    while (!rest.empty() && good_) {
        const ssize_t size = ::write(STDOUT_FILENO, rest.data(), rest.size());
        if (size > 0)
            rest.remove_prefix(static_cast<std::size_t>(size));
        else if (errno != EINTR)
            good_ = false;
    }
    buffer_.clear();
}

} // namespace nflab::nfverdict
