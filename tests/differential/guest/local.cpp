// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/guest/local.hpp"

#include "harness/base/unique_fd.hpp"
#include "tests/differential/packet.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <cstring>
#include <iostream>
#include <thread>

namespace nflab::witness {

std::string run_local() {
    // IPPROTO_RAW: the header is the sender's, raw(7). IPv6 wants to be asked for it.
    const UniqueFd v4(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
    const UniqueFd v6(::socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
    if (!v4 || !v6)
        return std::string("no raw socket: ") + std::strerror(errno);
    constexpr std::chrono::microseconds pace{700};
    for (std::string line; std::getline(std::cin, line);) {
        const Bytes ip = from_hex(line);
        constexpr std::size_t shortest4 = 20, shortest6 = 40;
        if (ip.size() < shortest4 || (ip[0] >> 4 == 6 && ip.size() < shortest6))
            continue;
        if (ip[0] >> 4 == 4) {
            sockaddr_in to{};
            to.sin_family = AF_INET;
            std::memcpy(&to.sin_addr, ip.data() + 16, sizeof to.sin_addr);
            ::sendto(v4.get(), ip.data(), ip.size(), 0, reinterpret_cast<sockaddr*>(&to),
                     sizeof to);
        } else {
            sockaddr_in6 to{};
            to.sin6_family = AF_INET6;
            std::memcpy(&to.sin6_addr, ip.data() + 24, sizeof to.sin6_addr);
            ::sendto(v6.get(), ip.data(), ip.size(), 0, reinterpret_cast<sockaddr*>(&to),
                     sizeof to);
        }
        std::this_thread::sleep_for(pace);
    }
    return {};
}

} // namespace nflab::witness
