// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/guest/reflect.hpp"

#include "tests/differential/guest/raw_device.hpp"
#include "tests/differential/marker.hpp"

#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

namespace nflab::witness {
namespace {

struct Side {
    RawDevice device;
    Mac peer{};
};

// Markers only: every other frame goes on as if nobody listened. Without GRO, which holds segments
// back and lets a marker overtake them.
std::string prepare(Side& side, const char* device, const char* peer) {
    if (std::string error = side.device.open(device); !error.empty())
        return error;
    side.peer = mac_address(peer);
    sock_filter code[] = {BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
                          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, marker_ethertype, 0, 1),
                          BPF_STMT(BPF_RET | BPF_K, 0xffff), BPF_STMT(BPF_RET | BPF_K, 0)};
    const sock_fprog program{sizeof code / sizeof code[0], code};
    if (::setsockopt(side.device.fd(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
        return std::string("cannot filter on ") + device + ": " + std::strerror(errno);
    ethtool_value off{ETHTOOL_SGRO, 0};
    ifreq request{};
    std::snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
    request.ifr_data = reinterpret_cast<char*>(&off);
    if (::ioctl(side.device.fd(), SIOCETHTOOL, &request) != 0)
        return std::string("cannot turn GRO off on ") + device + ": " + std::strerror(errno);
    return {};
}

void turn(const Side& from, const Side& to) {
    std::uint8_t bytes[2048];
    sockaddr_ll sender{};
    for (;;) {
        socklen_t size = sizeof sender;
        const ssize_t got = ::recvfrom(from.device.fd(), bytes, sizeof bytes, 0,
                                       reinterpret_cast<sockaddr*>(&sender), &size);
        if (got < 0)
            return;
        const auto marker = marker_in(bytes, static_cast<std::size_t>(got));
        if (!marker || sender.sll_pkttype == PACKET_OUTGOING)
            continue;
        const Bytes out = to_frame(*marker, to.peer, to.device.own());
        ::send(to.device.fd(), out.data(), out.size(), 0);
    }
}

} // namespace

std::string run_reflect(int count, const char* const* words) {
    std::vector<std::unique_ptr<Side>> sides;
    std::vector<pollfd> fds{{0, POLLIN, 0}};
    for (int i = 0; i + 1 < count; i += 2) {
        sides.push_back(std::make_unique<Side>());
        if (std::string error = prepare(*sides.back(), words[i], words[i + 1]); !error.empty())
            return error;
        fds.push_back({sides.back()->device.fd(), POLLIN, 0});
    }
    std::puts("r");
    std::fflush(stdout);
    for (;;) {
        ::poll(fds.data(), fds.size(), -1);
        char ignored[64];
        if (fds[0].revents && ::read(0, ignored, sizeof ignored) <= 0)
            return {};
        for (std::size_t i = 0; i < sides.size(); ++i)
            if (fds[i + 1].revents)
                turn(*sides[i], *sides[i ^ 1]);
    }
}

} // namespace nflab::witness
