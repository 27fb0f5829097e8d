// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/busy_time.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace nflab::traffic {

std::optional<std::chrono::nanoseconds> busy_time() {
    constexpr int fields_before = 6;
    std::ifstream file("/proc/schedstat");
    std::chrono::nanoseconds total{0};
    bool any = false;
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with("cpu"))
            continue;
        std::istringstream words(line);
        std::string word;
        words >> word;
        for (int i = 0; i < fields_before; ++i)
            words >> word;
        if (std::int64_t value = 0; words >> value) {
            total += std::chrono::nanoseconds(value);
            any = true;
        }
    }
    return any ? std::optional(total) : std::nullopt;
}

std::optional<std::chrono::nanoseconds> settled_busy_time() {
    // A program that looks for work every 50 ms has had a chance in each of them.
    constexpr std::chrono::milliseconds pause{120};
    constexpr std::chrono::microseconds little{400};
    constexpr int attempts = 100;
    auto before = busy_time();
    for (int i = 0; before && i < attempts; ++i) {
        std::this_thread::sleep_for(pause);
        const auto now = busy_time();
        if (*now - *before < little)
            return now;
        before = now;
    }
    return before;
}

} // namespace nflab::traffic
