// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nflab::traffic {

inline constexpr unsigned max_count = 100'000;
inline constexpr std::chrono::nanoseconds min_interval = std::chrono::microseconds(50); // 20000/s
inline constexpr unsigned max_size = 65'507; ///< UDP's largest payload over IPv4
inline constexpr unsigned min_size = 21; ///< what a payload needs to be recognised (payload.hpp)

enum class Protocol { icmp, udp, tcp, sctp };
std::string_view name_of(Protocol protocol);

/// How a TCP connection ends.
enum class Close {
    fin,
    rst,
    none, ///< it stays until the program ends
};

/// `nftraffic ping|udp|tcp|sctp …`
struct SendOptions {
    Protocol protocol = Protocol::icmp;
    std::string to;     ///< numeric address; link-local ones with %interface
    std::string source; ///< numeric address; empty: the kernel chooses
    std::uint16_t port = 0;
    std::uint16_t source_port = 0; ///< 0: the kernel chooses
    unsigned count = 1;
    std::chrono::nanoseconds interval = std::chrono::milliseconds(200);
    std::chrono::nanoseconds timeout = std::chrono::seconds(1);
    unsigned size = 56;       ///< bytes of payload
    std::string data;         ///< tcp, udp, sctp: payload instead of ours, when not empty
    Close close = Close::fin; ///< tcp
};

/// `nftraffic serve …`
struct ServeOptions {
    std::vector<std::uint16_t> tcp;
    std::vector<std::uint16_t> udp;
    std::vector<std::uint16_t> sctp;
};

/// A port of the sender's to which answers come that its kernel shall not refuse.
struct HeldPort {
    Protocol protocol = Protocol::tcp;
    std::uint16_t number = 0;
};

/// `nftraffic frames …`
struct FramesOptions {
    std::string interface;
    std::vector<HeldPort> held;
    std::chrono::milliseconds linger{0}; ///< how long to listen behind the last frame
    bool quiet = false;                  ///< no line for each frame, and none for what comes
};

/// `nftraffic flood …`
struct FloodOptions {
    std::string to;    ///< numeric address of an interface in `netns`
    std::string netns; ///< path of the namespace that receives; empty: our own
    std::uint16_t port = 9;
    unsigned count = 1000;
    unsigned rate = 0;  ///< a second; 0: as fast as they go
    unsigned size = 56; ///< bytes of payload
};
inline constexpr unsigned max_flood = 10'000'000;

/// `nftraffic judge …`
struct JudgeOptions {
    std::uint16_t queue = 0; ///< number of the nfnetlink queue
    bool accept = true;      ///< what is said about each packet; else drop
    unsigned hold = 1;       ///< packets that must have come before anything is said about them
};
inline constexpr unsigned max_hold = 1000;

struct HelpRequest {};
struct VersionRequest {};
/// What is wrong with the command line, and what would be right.
struct UsageError {
    std::string message;
};

using Options = std::variant<SendOptions, ServeOptions, FloodOptions, FramesOptions, JudgeOptions,
                             HelpRequest, VersionRequest, UsageError>;

/// Arguments without the program's name.
Options parse_options(const std::vector<std::string>& arguments);

extern const char* const usage_text;

} // namespace nflab::traffic
