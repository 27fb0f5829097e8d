// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/channel/input_window.hpp"
#include "tests/catch.hpp"

using namespace nflab::channel;

TEST_CASE("no more is on the way than the window, and all of it comes in order") {
    std::string all;
    for (std::size_t i = 0; all.size() < 3 * input_window; ++i)
        all += std::to_string(i);
    InputWindow window;
    window.push(std::string_view(all).substr(0, 10));
    window.push(std::string_view(all).substr(10));
    std::string sent;
    std::size_t acknowledged = 0;
    while (window.held() > 0) {
        const std::string bytes = window.take(40'000);
        sent += bytes;
        REQUIRE(sent.size() - acknowledged <= input_window);
        REQUIRE(sent.size() + window.held() == all.size());
        if (bytes.empty()) {
            REQUIRE(sent.size() - acknowledged == input_window);
            window.acknowledge(window_step);
            acknowledged += window_step;
        }
    }
    CHECK(sent == all);
}

TEST_CASE("the end of input waits its turn, and is told once") {
    InputWindow window;
    CHECK_FALSE(window.take_end());
    window.push(std::string(input_window + 1, 'x'));
    window.end();
    window.push("too late");
    CHECK(window.take(2 * input_window).size() == input_window);
    CHECK_FALSE(window.take_end());
    window.acknowledge(1);
    CHECK(window.take(10) == "x");
    CHECK(window.take_end());
    CHECK_FALSE(window.take_end());
}

TEST_CASE("a window that is opened too wide stays a window") {
    InputWindow window;
    window.push("abc");
    CHECK(window.take(10) == "abc");
    window.acknowledge(1'000'000'000);
    window.push(std::string(2 * input_window, 'x'));
    CHECK(window.take(2 * input_window).size() == input_window);
}
