// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/frame_socket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <exception>
#include <optional>
#include <string_view>

namespace nflab::lab {
namespace asio = boost::asio;

void FrameSocket::start(Handlers handlers) {
    handlers_ = std::move(handlers);
    read();
}

void FrameSocket::read() {
    if (closed_ || reading_ || pauses_ > 0)
        return;
    reading_ = true;
    socket_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](const auto& error, std::size_t size) {
                                self->reading_ = false;
                                if (self->closed_)
                                    return;
                                self->last_heard_ = Clock::now();
                                self->decoder_.feed(std::string_view(self->buffer_.data(), size));
                                self->deliver();
                                if (error)
                                    self->fail(error.message());
                                else
                                    self->read();
                            });
}

void FrameSocket::deliver() {
    try {
        while (!closed_ && pauses_ == 0) {
            std::optional<channel::Frame> frame = decoder_.next();
            if (!frame)
                return;
            handlers_.frame(std::move(*frame));
        }
    } catch (const std::exception& error) {
        fail(error.what());
    }
}

void FrameSocket::send(const channel::Frame& frame) {
    if (closed_)
        return;
    output_.push_back(channel::encode(frame));
    queued_ += output_.back().size();
    above_high_water_ = above_high_water_ || queued_ > high_water;
    if (output_.size() == 1)
        write();
}

void FrameSocket::write() {
    asio::async_write(socket_, asio::buffer(output_.front()),
                      [self = shared_from_this()](const auto& error, std::size_t) {
                          if (self->closed_)
                              return;
                          if (error) {
                              self->fail(error.message());
                              return;
                          }
                          self->queued_ -= self->output_.front().size();
                          self->output_.pop_front();
                          if (!self->output_.empty()) {
                              self->write();
                          } else if (self->above_high_water_) {
                              self->above_high_water_ = false;
                              if (self->handlers_.drained)
                                  self->handlers_.drained();
                          }
                      });
}

void FrameSocket::pause() {
    ++pauses_;
}

void FrameSocket::resume() {
    if (--pauses_ > 0)
        return;
    last_heard_ = Clock::now(); // silence was ours
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
        self->deliver();
        self->read();
    });
}

void FrameSocket::fail(const std::string& reason) {
    if (closed_)
        return;
    const auto lost = std::move(handlers_.lost);
    close();
    if (lost)
        lost(reason);
}

void FrameSocket::close() {
    if (closed_)
        return;
    closed_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
}

} // namespace nflab::lab
