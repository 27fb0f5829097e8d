// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/guest/raw_device.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace nflab::witness {

std::string RawDevice::open(const char* device) {
    // Protocol 0 until it is bound: nothing of other devices may come in.
    socket_.reset(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ifreq request{};
    std::snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
    if (!socket_ || ::ioctl(socket_.get(), SIOCGIFHWADDR, &request) != 0)
        return std::string("no raw access to ") + device + ": " + std::strerror(errno);
    std::copy_n(reinterpret_cast<std::uint8_t*>(request.ifr_hwaddr.sa_data), own_.size(),
                own_.begin());
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(::if_nametoindex(device));
    const int room = 16 << 20;
    if (::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return std::string("cannot listen on ") + device + ": " + std::strerror(errno);
    return {};
}

} // namespace nflab::witness
