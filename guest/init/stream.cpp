// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/stream.hpp"

#include <nlohmann/json.hpp>

namespace nflab::agent {

void Stream::took_input(std::size_t bytes) {
    taken_ += bytes;
    if (taken_ < channel::window_step)
        return;
    const channel::WindowUpdate update{static_cast<std::uint32_t>(taken_)};
    send(channel::FrameType::window, channel::to_payload(update));
    taken_ = 0;
}

} // namespace nflab::agent
