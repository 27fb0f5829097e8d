// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/channel/frame.hpp"
#include "tests/catch.hpp"

#include <random>
#include <stdexcept>

using namespace nflab::channel;

TEST_CASE("a frame has the documented bytes") {
    const std::string bytes = encode(Frame{FrameType::run, 0x01020304, "{}"});
    CHECK(bytes == std::string("\x02\0\0\0\x0a\0\0\0\x04\x03\x02\x01{}", 14));
}

TEST_CASE("frames come back byte by byte") {
    const std::string bytes = encode(FrameType::output, 7, "one") +
                              encode(FrameType::output, 8, "") +
                              encode(FrameType::exit, 7, std::string("\0\xff", 2));
    Decoder decoder;
    std::vector<Frame> frames;
    for (const char byte : bytes) {
        decoder.feed(std::string_view(&byte, 1));
        while (auto frame = decoder.next())
            frames.push_back(*frame);
    }
    REQUIRE(frames.size() == 3);
    CHECK(frames[0].payload == "one");
    CHECK(frames[1].payload.empty());
    CHECK(frames[1].stream == 8);
    CHECK(frames[2].type == FrameType::exit);
    CHECK(frames[2].payload == std::string("\0\xff", 2));
}

TEST_CASE("a truncated frame is not given out") {
    const std::string bytes = encode(FrameType::output, 7, "payload");
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        Decoder decoder;
        decoder.feed(std::string_view(bytes).substr(0, length));
        CHECK_FALSE(decoder.next());
    }
}

TEST_CASE("the largest payload passes, one byte more is refused") {
    Decoder decoder;
    decoder.feed(encode(FrameType::output, 1, std::string(max_payload, 'x')));
    REQUIRE(decoder.next()->payload.size() == max_payload);
    decoder.feed(std::string("\x01\0\x10\0\x14\0\0\0\0\0\0\0", 12));
    CHECK_THROWS_AS(decoder.next(), std::runtime_error);
}

TEST_CASE("a reserved field that is not zero is refused") {
    Decoder decoder;
    decoder.feed(std::string("\0\0\0\0\x14\0\x01\0\0\0\0\0", 12));
    CHECK_THROWS_AS(decoder.next(), std::runtime_error);
}

TEST_CASE("an unknown type is given out") {
    Decoder decoder;
    decoder.feed(encode(static_cast<FrameType>(999), 1, ""));
    CHECK(static_cast<int>(decoder.next()->type) == 999);
}

TEST_CASE("garbage is refused or incomplete, never more") {
    std::mt19937 random(1);
    for (int round = 0; round < 2000; ++round) {
        std::string bytes(random() % 64, '\0');
        for (char& byte : bytes)
            byte = static_cast<char>(random());
        Decoder decoder;
        decoder.feed(bytes);
        std::size_t given = 0;
        try {
            while (auto frame = decoder.next())
                given += header_size + frame->payload.size();
        } catch (const std::runtime_error&) {
        }
        CHECK(given <= bytes.size());
    }
}
