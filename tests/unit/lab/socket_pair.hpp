// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/frame_socket.hpp"

#include <boost/asio/local/connect_pair.hpp>

#include <memory>
#include <utility>
#include <vector>

/// The other end of a link under test: remembers what it is sent.
struct FakePeer {
    std::shared_ptr<nflab::lab::FrameSocket> socket;
    std::vector<nflab::channel::Frame> received;
    bool lost = false;

    explicit FakePeer(nflab::lab::FrameSocket::Socket end)
        : socket(std::make_shared<nflab::lab::FrameSocket>(std::move(end))) {
        socket->start(
            {[this](nflab::channel::Frame frame) { received.push_back(std::move(frame)); },
             [this](const std::string&) { lost = true; },
             {}});
    }
    ~FakePeer() { socket->close(); }
    FakePeer(const FakePeer&) = delete;
    FakePeer& operator=(const FakePeer&) = delete;
};

inline std::pair<nflab::lab::FrameSocket::Socket, nflab::lab::FrameSocket::Socket>
socket_pair(boost::asio::io_context& io) {
    nflab::lab::FrameSocket::Socket one(io);
    nflab::lab::FrameSocket::Socket other(io);
    boost::asio::local::connect_pair(one, other);
    return {std::move(one), std::move(other)};
}

/// Runs the context until `done` or one second is over; returns done().
template <typename Done>
bool run_until(boost::asio::io_context& io, Done done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (!done() && std::chrono::steady_clock::now() < end) {
        io.restart();
        io.run_one_for(std::chrono::milliseconds(20));
    }
    return done();
}
