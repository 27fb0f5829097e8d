// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/frame_socket.hpp"
#include "tests/catch.hpp"
#include "tests/unit/lab/socket_pair.hpp"

#include <boost/asio/write.hpp>

using namespace nflab;
using channel::Frame;
using channel::FrameType;

TEST_CASE("frames arrive in order, and the end is told once") {
    boost::asio::io_context io;
    auto [ours, theirs] = socket_pair(io);
    FakePeer left(std::move(ours));
    FakePeer right(std::move(theirs));
    const std::string large(channel::max_payload, 'x');
    left.socket->send({FrameType::output, 1, large});
    left.socket->send({FrameType::exit, 1, "{}"});
    REQUIRE(run_until(io, [&] { return right.received.size() == 2; }));
    CHECK(right.received[0].payload == large);
    CHECK(right.received[1].type == FrameType::exit);
    left.socket->close();
    CHECK(run_until(io, [&] { return right.lost; }));
    CHECK_FALSE(left.lost);
}

TEST_CASE("a paused socket delivers nothing until it is resumed") {
    boost::asio::io_context io;
    auto [ours, theirs] = socket_pair(io);
    FakePeer left(std::move(ours));
    FakePeer right(std::move(theirs));
    right.socket->pause();
    for (int i = 0; i < 3; ++i)
        left.socket->send({FrameType::output, 1, "x"});
    CHECK_FALSE(run_until(io, [&] { return !right.received.empty(); }));
    right.socket->resume();
    CHECK(run_until(io, [&] { return right.received.size() == 3; }));
}

TEST_CASE("a peer that breaks the framing is lost") {
    boost::asio::io_context io;
    auto [ours, theirs] = socket_pair(io);
    FakePeer peer(std::move(theirs));
    const std::string junk(64, '\xff');
    boost::asio::write(ours, boost::asio::buffer(junk));
    CHECK(run_until(io, [&] { return peer.lost; }));
}

TEST_CASE("a queue above its mark says when it has drained") {
    boost::asio::io_context io;
    auto [ours, theirs] = socket_pair(io);
    bool drained = false;
    const auto sender = std::make_shared<lab::FrameSocket>(std::move(ours));
    sender->start({[](const Frame&) {}, {}, [&] { drained = true; }});
    const std::string chunk(channel::max_payload, 'x');
    for (std::size_t sent = 0; sent <= lab::FrameSocket::high_water; sent += chunk.size())
        sender->send({FrameType::input, 1, chunk});
    CHECK(sender->queued() > lab::FrameSocket::high_water);
    CHECK_FALSE(drained);
    FakePeer reader(std::move(theirs));
    CHECK(run_until(io, [&] { return drained; }));
    CHECK(sender->queued() == 0);
    sender->close();
}
