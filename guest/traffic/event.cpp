// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/event.hpp"

#include <cstring>

namespace nflab::traffic {
namespace {

/// A JSON object being written: thousands a second in an emulated guest, so without a tree of them.
class Line {
  public:
    explicit Line(std::string_view type) { text("type", type); }

    Line& text(std::string_view key, std::string_view value) {
        name(key);
        out_ += '"';
        for (const char c : value) {
            // Addresses and strerror(3) hold nothing else that JSON wants escaped.
            if (c == '"' || c == '\\')
                out_ += '\\';
            out_ += c;
        }
        out_ += '"';
        return *this;
    }

    Line& number(std::string_view key, std::int64_t value) {
        name(key);
        out_ += std::to_string(value);
        return *this;
    }

    Line& numbers(std::string_view key, const std::vector<std::uint16_t>& values) {
        name(key);
        out_ += '[';
        for (const std::uint16_t value : values)
            out_ += (out_.back() == '[' ? "" : ",") + std::to_string(value);
        out_ += ']';
        return *this;
    }

    Line& identity(const Identity& value) {
        text("protocol", name_of(value.protocol));
        number("run", value.run);
        number("number", value.number);
        text("source", value.source);
        text("destination", value.destination);
        if (value.protocol == Protocol::icmp)
            return number("icmp_id", value.icmp_id).number("icmp_sequence", value.icmp_sequence);
        return number("source_port", value.source_port)
            .number("destination_port", value.destination_port);
    }

    std::string end() { return std::move(out_ += "}\n"); }

  private:
    void name(std::string_view key) {
        out_ += out_.empty() ? '{' : ',';
        out_ += '"';
        out_ += key;
        out_ += "\":";
    }

    std::string out_;
};

} // namespace

std::string sent_line(const Identity& identity, std::int64_t time_ns) {
    return Line("sent").identity(identity).number("time_ns", time_ns).end();
}

std::string reply_line(const Identity& identity, std::int64_t rtt_us) {
    return Line("reply").identity(identity).number("rtt_us", rtt_us).end();
}

std::string timeout_line(const Identity& identity) {
    return Line("timeout").identity(identity).end();
}

std::string failed_line(const Identity& identity, const Reason& reason) {
    Line line("failed");
    line.identity(identity);
    const char* name = strerrorname_np(reason.error);
    line.text("errno", name != nullptr ? name : std::to_string(reason.error));
    line.text("message", reason.message);
    if (!reason.from.empty())
        line.text("from", reason.from);
    if (reason.icmp_type && reason.icmp_code)
        line.number("icmp_type", *reason.icmp_type).number("icmp_code", *reason.icmp_code);
    return line.end();
}

std::string done_line(unsigned sent, unsigned replies, unsigned timeouts, unsigned failed) {
    return Line("done")
        .number("sent", sent)
        .number("replies", replies)
        .number("timeouts", timeouts)
        .number("failed", failed)
        .end();
}

std::string listening_line(const ServeOptions& options) {
    Line line("listening");
    line.numbers("tcp", options.tcp).numbers("udp", options.udp);
    if (!options.sctp.empty())
        line.numbers("sctp", options.sctp);
    return line.end();
}

} // namespace nflab::traffic
