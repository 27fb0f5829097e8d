// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/options.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace nflab::traffic {

const char* const usage_text =
    "usage: nftraffic ping --to ADDR [options]\n"
    "       nftraffic udp|tcp|sctp --to ADDR --port P [--source-port P] [--data TEXT] [options]\n"
    "       nftraffic serve [--tcp P]... [--udp P]... [--sctp P]...\n"
    "       nftraffic frames --interface NAME [--hold tcp|udp|sctp:P]... [--linger MS] [--quiet "
    "1]\n"
    "       nftraffic flood --to ADDR [--netns PATH] [--port P] [--count N] [--rate N] "
    "[--size BYTES]\n"
    "       nftraffic judge --queue N [--verdict accept|drop] [--hold N]\n"
    "options: [--close fin|rst|none] [--source ADDR] [--count N] [--interval MS] [--timeout MS] "
    "[--size BYTES]\n"
    "Writes one JSON object per line; see docs/formats/traffic.md.\n";

std::string_view name_of(Protocol protocol) {
    switch (protocol) {
    case Protocol::icmp:
        return "icmp";
    case Protocol::udp:
        return "udp";
    case Protocol::tcp:
        return "tcp";
    case Protocol::sctp:
        return "sctp";
    }
    return "";
}

namespace {

std::optional<unsigned> parse_number(const std::string& text, unsigned least, unsigned most) {
    unsigned value = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value);
    if (error != std::errc{} || end != last || value < least || value > most)
        return std::nullopt;
    return value;
}

std::optional<std::chrono::nanoseconds> parse_milliseconds(const std::string& text) {
    double value = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value);
    constexpr double most = 3'600'000;
    if (error != std::errc{} || end != last || !(value >= 0) || value > most)
        return std::nullopt;
    return std::chrono::nanoseconds(static_cast<std::int64_t>(value * 1e6));
}

std::string wrong(const std::string& option, const std::string& value, const std::string& right) {
    return option + " " + value + ": must be " + right;
}

std::string number_range(unsigned least, unsigned most) {
    return "a number from " + std::to_string(least) + " to " + std::to_string(most);
}

/// Returns an error's text, or nothing.
template <typename Number>
std::string set_number(Number& out, const std::string& option, const std::string& value,
                       unsigned least, unsigned most) {
    const auto number = parse_number(value, least, most);
    if (!number)
        return wrong(option, value, number_range(least, most));
    out = static_cast<Number>(*number);
    return {};
}

std::string set_duration(std::chrono::nanoseconds& out, const std::string& option,
                         const std::string& value, std::chrono::nanoseconds least) {
    const auto duration = parse_milliseconds(value);
    if (!duration || *duration < least)
        return wrong(option, value,
                     "milliseconds, at least " + std::to_string(least.count() / 1'000) +
                         " microseconds and at most an hour");
    out = *duration;
    return {};
}

std::string set_close(Close& out, const std::string& option, const std::string& value) {
    if (value != "fin" && value != "rst" && value != "none")
        return wrong(option, value, "fin, rst or none");
    out = value == "fin" ? Close::fin : value == "rst" ? Close::rst : Close::none;
    return {};
}

std::string set_send_option(SendOptions& out, const std::string& option, const std::string& value) {
    const bool ports = out.protocol != Protocol::icmp;
    if (option == "--to")
        out.to = value;
    else if (option == "--source")
        out.source = value;
    else if (option == "--port" && ports)
        return set_number(out.port, option, value, 1, 65535);
    else if (option == "--source-port" && ports)
        return set_number(out.source_port, option, value, 1, 65535);
    else if (option == "--data" && ports) {
        if (value.empty() || value.size() > max_size)
            return wrong(option, value, "from 1 to " + std::to_string(max_size) + " bytes");
        out.data = value;
    } else if (option == "--close" && out.protocol == Protocol::tcp)
        return set_close(out.close, option, value);
    else if (option == "--count")
        return set_number(out.count, option, value, 1, max_count);
    else if (option == "--interval")
        return set_duration(out.interval, option, value, min_interval);
    else if (option == "--timeout")
        return set_duration(out.timeout, option, value, std::chrono::milliseconds(1));
    else if (option == "--size")
        return set_number(out.size, option, value, min_size, max_size);
    else
        return "there is no option " + option + " here";
    return {};
}

std::string set_serve_option(ServeOptions& out, const std::string& option,
                             const std::string& value) {
    if (option != "--tcp" && option != "--udp" && option != "--sctp")
        return "there is no option " + option + " here";
    std::uint16_t port = 0;
    if (std::string error = set_number(port, option, value, 1, 65535); !error.empty())
        return error;
    (option == "--tcp" ? out.tcp : option == "--udp" ? out.udp : out.sctp).push_back(port);
    return {};
}

/// Calls set(option, value) for "--option value" and "--option=value".
template <typename Set>
std::string each_option(const std::vector<std::string>& arguments, const Set& set) {
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        std::string option = arguments[i];
        std::string value;
        if (const std::size_t equals = option.find('='); equals != std::string::npos) {
            value = option.substr(equals + 1);
            option.resize(equals);
        } else if (++i < arguments.size()) {
            value = arguments[i];
        } else {
            return option + " needs a value";
        }
        if (std::string error = set(option, value); !error.empty())
            return error;
    }
    return {};
}

Options parse_send(Protocol protocol, const std::vector<std::string>& arguments) {
    SendOptions options;
    options.protocol = protocol;
    std::string error =
        each_option(arguments, [&](const std::string& option, const std::string& value) {
            return set_send_option(options, option, value);
        });
    if (error.empty() && options.to.empty())
        error = "--to is missing: the address to send to";
    if (error.empty() && protocol != Protocol::icmp && options.port == 0)
        error = "--port is missing: the port to send to";
    const bool connects = protocol == Protocol::tcp || protocol == Protocol::sctp;
    const unsigned ports_needed = connects ? options.count : 1;
    if (error.empty() && options.source_port != 0 && options.source_port + ports_needed > 65536)
        error = "--source-port " + std::to_string(options.source_port) + ": " +
                std::to_string(options.count) + " connections take a port each, up to 65535";
    if (!error.empty())
        return UsageError{error};
    return options;
}

Options parse_serve(const std::vector<std::string>& arguments) {
    ServeOptions options;
    const std::string error =
        each_option(arguments, [&](const std::string& option, const std::string& value) {
            return set_serve_option(options, option, value);
        });
    if (!error.empty())
        return UsageError{error};
    if (options.tcp.empty() && options.udp.empty() && options.sctp.empty())
        return UsageError{"serve needs --tcp PORT, --udp PORT or --sctp PORT"};
    return options;
}

Options parse_flood(const std::vector<std::string>& arguments) {
    FloodOptions options;
    std::string error =
        each_option(arguments, [&](const std::string& option, const std::string& value) {
            if (option == "--to")
                options.to = value;
            else if (option == "--netns")
                options.netns = value;
            else if (option == "--port")
                return set_number(options.port, option, value, 1, 65535);
            else if (option == "--count")
                return set_number(options.count, option, value, 1, max_flood);
            else if (option == "--rate")
                return set_number(options.rate, option, value, 1, max_flood);
            else if (option == "--size")
                return set_number(options.size, option, value, 1, 1400);
            else
                return "there is no option " + option + " here";
            return std::string();
        });
    if (error.empty() && options.to.empty())
        error = "--to is missing: the address to send to";
    if (!error.empty())
        return UsageError{error};
    return options;
}

std::string add_held_port(FramesOptions& out, const std::string& option, const std::string& value) {
    const std::size_t colon = std::min(value.find(':'), value.size());
    const std::string name = value.substr(0, colon);
    const auto number = parse_number(value.substr(std::min(colon + 1, value.size())), 1, 65535);
    for (const Protocol protocol : {Protocol::tcp, Protocol::udp, Protocol::sctp})
        if (name == name_of(protocol) && number) {
            out.held.push_back({protocol, static_cast<std::uint16_t>(*number)});
            return {};
        }
    return wrong(option, value, "tcp:PORT, udp:PORT or sctp:PORT");
}

Options parse_frames(const std::vector<std::string>& arguments) {
    FramesOptions options;
    std::string error =
        each_option(arguments, [&](const std::string& option, const std::string& value) {
            constexpr unsigned an_hour = 3'600'000;
            unsigned number = 0;
            if (option == "--interface") {
                options.interface = value;
                return std::string();
            }
            if (option == "--hold")
                return add_held_port(options, option, value);
            const bool quiet = option == "--quiet";
            if (!quiet && option != "--linger")
                return "there is no option " + option + " here";
            std::string wrong_number = set_number(number, option, value, 0, quiet ? 1 : an_hour);
            if (quiet)
                options.quiet = number != 0;
            else
                options.linger = std::chrono::milliseconds(number);
            return wrong_number;
        });
    if (error.empty() && options.interface.empty())
        error = "--interface is missing: what the frames leave by";
    if (!error.empty())
        return UsageError{error};
    return options;
}

Options parse_judge(const std::vector<std::string>& arguments) {
    JudgeOptions options;
    bool queue = false;
    std::string error =
        each_option(arguments, [&](const std::string& option, const std::string& value) {
            if (option == "--queue") {
                queue = true;
                return set_number(options.queue, option, value, 0, 65535);
            }
            if (option == "--hold")
                return set_number(options.hold, option, value, 1, max_hold);
            if (option != "--verdict")
                return "there is no option " + option + " here";
            if (value != "accept" && value != "drop")
                return wrong(option, value, "accept or drop");
            options.accept = value == "accept";
            return std::string();
        });
    if (error.empty() && !queue)
        error = "--queue is missing: the number of the queue to listen on";
    if (!error.empty())
        return UsageError{error};
    return options;
}

} // namespace

Options parse_options(const std::vector<std::string>& arguments) {
    for (const std::string& argument : arguments) {
        if (argument == "--help" || argument == "-h")
            return HelpRequest{};
        if (argument == "--version")
            return VersionRequest{};
    }
    if (arguments.empty())
        return UsageError{
            "what to do is missing: ping, udp, tcp, sctp, serve, flood, frames or judge"};
    if (arguments[0] == "ping")
        return parse_send(Protocol::icmp, arguments);
    if (arguments[0] == "udp")
        return parse_send(Protocol::udp, arguments);
    if (arguments[0] == "tcp")
        return parse_send(Protocol::tcp, arguments);
    if (arguments[0] == "sctp")
        return parse_send(Protocol::sctp, arguments);
    if (arguments[0] == "frames")
        return parse_frames(arguments);
    if (arguments[0] == "serve")
        return parse_serve(arguments);
    if (arguments[0] == "flood")
        return parse_flood(arguments);
    if (arguments[0] == "judge")
        return parse_judge(arguments);
    return UsageError{"'" + arguments[0] +
                      "' is not one of ping, udp, tcp, sctp, serve, flood, frames, judge"};
}

} // namespace nflab::traffic
