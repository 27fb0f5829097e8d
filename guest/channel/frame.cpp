// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/channel/frame.hpp"

#include <stdexcept>

namespace nflab::channel {
namespace {

void put_little_endian(std::string& out, std::uint32_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i)
        out.push_back(static_cast<char>((value >> (8 * i)) & 0xffU));
}

std::uint32_t get_little_endian(std::string_view bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
        value = value << 8U | static_cast<unsigned char>(bytes[i]);
    return value;
}

} // namespace

std::string encode(const Frame& frame) {
    return encode(frame.type, frame.stream, frame.payload);
}

std::string encode(FrameType type, std::uint32_t stream, std::string_view payload) {
    std::string out;
    out.reserve(header_size + payload.size());
    put_little_endian(out, static_cast<std::uint32_t>(payload.size()), 4);
    put_little_endian(out, static_cast<std::uint32_t>(type), 2);
    put_little_endian(out, 0, 2);
    put_little_endian(out, stream, 4);
    out.append(payload);
    return out;
}

std::optional<Frame> Decoder::next() {
    const std::string_view rest = std::string_view(buffer_).substr(begin_);
    if (rest.size() < header_size) {
        drop_consumed();
        return std::nullopt;
    }
    const std::size_t length = get_little_endian(rest.substr(0, 4));
    if (length > max_payload)
        throw std::runtime_error("guest channel: a frame announces " + std::to_string(length) +
                                 " bytes; at most " + std::to_string(max_payload) +
                                 " are allowed, so this is not the guest channel's protocol");
    if (get_little_endian(rest.substr(6, 2)) != 0)
        throw std::runtime_error("guest channel: a frame's reserved field is not zero, so this is "
                                 "not the guest channel's protocol");
    if (rest.size() - header_size < length) {
        drop_consumed();
        return std::nullopt;
    }
    Frame frame;
    frame.type = static_cast<FrameType>(get_little_endian(rest.substr(4, 2)));
    frame.stream = get_little_endian(rest.substr(8, 4));
    frame.payload = rest.substr(header_size, length);
    begin_ += header_size + length;
    return frame;
}

void Decoder::drop_consumed() {
    buffer_.erase(0, begin_);
    begin_ = 0;
}

} // namespace nflab::channel
