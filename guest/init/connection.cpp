// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/connection.hpp"

#include <unistd.h>

#include <cerrno>

namespace nflab::agent {

void Connection::send(channel::FrameType type, std::uint32_t stream, std::string_view payload) {
    queue_.push_back(channel::encode(type, stream, payload));
    queued_ += queue_.back().size();
}

bool Connection::flush() {
    while (!queue_.empty()) {
        const std::string& front = queue_.front();
        const ssize_t size = write(fd_, front.data() + written_, front.size() - written_);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return errno == EAGAIN;
        written_ += static_cast<std::size_t>(size);
        queued_ -= static_cast<std::size_t>(size);
        if (written_ == front.size()) {
            queue_.pop_front();
            written_ = 0;
        }
    }
    return true;
}

bool Connection::receive() {
    constexpr int reads_per_round = 16;
    char buffer[16384];
    for (int i = 0; i < reads_per_round; ++i) {
        const ssize_t size = read(fd_, buffer, sizeof(buffer));
        if (size == 0)
            return false;
        if (size < 0)
            return errno == EAGAIN || errno == EINTR;
        decoder_.feed(std::string_view(buffer, static_cast<std::size_t>(size)));
    }
    return true;
}

} // namespace nflab::agent
