// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Framing of the guest channel (docs/formats/channel.md): the same bytes between agent and lab
/// over virtio-serial or a socket pair, and between lab and command over the lab's control socket.
namespace nflab::channel {

/// Spoken by both sides in `hello`; a difference is an error, never a guess.
inline constexpr int protocol_version = 1;
inline constexpr std::size_t header_size = 12;
/// A larger announced payload is a broken peer.
inline constexpr std::size_t max_payload = 1U << 20;
/// Input of one stream that its sender may have on the way: sent, and not taken yet by the program.
inline constexpr std::size_t input_window = 1U << 20;
/// The agent says so whenever a program has taken this much; less than the window, so that neither
/// side waits for the other.
inline constexpr std::size_t window_step = 1U << 16;
/// The agent ends a stream that has more input than this before its program.
inline constexpr std::size_t input_limit = 4U << 20;

enum class FrameType : std::uint16_t {
    hello = 1, ///< agent -> lab once, stream 0, JSON
    ping = 2,  ///< either way, stream 0; answered by pong with the same payload
    pong = 3,
    run = 10,       ///< opens a stream, JSON RunRequest
    put = 11,       ///< opens a stream, JSON PutRequest; then input frames, then input_end
    get = 12,       ///< opens a stream, JSON GetRequest; answered by output frames and exit
    configure = 13, ///< opens a stream, JSON Configuration; answered by exit
    input = 20,     ///< raw bytes to standard input
    input_end = 21,
    output = 22, ///< raw bytes of standard output
    error_output = 23,
    signal = 24, ///< JSON SignalRequest: to the process group; on put and get: gives up
    resize = 25, ///< JSON ResizeRequest
    window = 26, ///< agent -> lab, JSON WindowUpdate: input was taken, as much may follow
    exit = 30,   ///< ends the stream, JSON ExitStatus
    attach = 40, ///< command -> lab: JSON {node, frame type, request}; opens a stream on that node
    info = 41,   ///< command -> lab, answered by info with the lab as JSON
    down = 42,   ///< command -> lab: end the lab
};

struct Frame {
    FrameType type{};
    std::uint32_t stream = 0; ///< chosen by whoever opens it; 0 is the connection itself
    std::string payload;
};

/// The frame as bytes: u32 payload length, u16 type, u16 zero, u32 stream (all little endian),
/// payload. Precondition: payload.size() <= max_payload.
std::string encode(const Frame& frame);
std::string encode(FrameType type, std::uint32_t stream, std::string_view payload);

/// Takes bytes as they come and gives frames back; a type that it does not know is given back, too.
/// next() throws std::runtime_error when the peer announces more than max_payload or a non-zero
/// reserved field; there is no way back from that but a new connection and a new Decoder.
class Decoder {
  public:
    void feed(std::string_view bytes) { buffer_.append(bytes); }
    std::optional<Frame> next();

  private:
    void drop_consumed();

    std::string buffer_;
    std::size_t begin_ = 0;
};

} // namespace nflab::channel
