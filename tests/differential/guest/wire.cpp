// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/guest/wire.hpp"

#include "tests/differential/guest/raw_device.hpp"
#include "tests/differential/marker.hpp"
#include "tests/differential/packet.hpp"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>

namespace nflab::witness {
namespace {

using Clock = std::chrono::steady_clock;

// Well below the 4,000 packets/s at which nft monitor trace begins to lose.
constexpr std::chrono::microseconds pace{700};
constexpr std::size_t shown = 96; ///< bytes of a captured frame: every header that matters

class Wire {
  public:
    std::string open(const char* device, const Mac& router) {
        router_ = router;
        return device_.open(device);
    }

    void run() {
        while (open_) {
            const auto now = Clock::now();
            if (!queue_.empty() && now >= next_)
                send(now);
            wait();
        }
    }

  private:
    void send(Clock::time_point now) {
        const Bytes& first = queue_.front();
        if (::send(device_.fd(), first.data(), first.size(), 0) < 0) {
            std::printf("e cannot send: %s\n", std::strerror(errno));
            std::fflush(stdout);
        }
        queue_.pop_front();
        next_ = now + pace;
    }

    // Behind everything that waits to be sent: so it comes back after all that came before it.
    void pass_on(Marker marker) { queue_.push_back(to_frame(marker, router_, device_.own())); }

    void take(const Marker& marker) {
        const Marker next{marker.number, static_cast<std::uint8_t>(marker.crossings + 1)};
        if (next.crossings < marker_crossings)
            pass_on(next);
        if (next.crossings + 1 >= marker_crossings)
            finish(marker.number);
    }

    void finish(std::uint32_t number) {
        tpacket_stats statistics{};
        socklen_t size = sizeof statistics;
        ::getsockopt(device_.fd(), SOL_PACKET, PACKET_STATISTICS, &statistics, &size);
        std::printf("d %u %u\n", number, statistics.tp_drops);
        std::fflush(stdout);
    }

    void wait() {
        timespec left{};
        const auto nanoseconds =
            std::max(next_ - Clock::now(), Clock::duration::zero()) / std::chrono::nanoseconds(1);
        left.tv_nsec = nanoseconds;
        pollfd fds[2] = {{device_.fd(), POLLIN, 0}, {0, POLLIN, 0}};
        ::ppoll(fds, 2, queue_.empty() ? nullptr : &left, nullptr);
        if (fds[0].revents & POLLIN)
            receive();
        if (fds[1].revents)
            read_orders();
    }

    void receive() {
        std::uint8_t bytes[2048];
        sockaddr_ll from{};
        socklen_t size = sizeof from;
        for (;;) {
            const ssize_t got = ::recvfrom(device_.fd(), bytes, sizeof bytes, 0,
                                           reinterpret_cast<sockaddr*>(&from), &size);
            if (got < ETH_HLEN)
                return;
            if (from.sll_pkttype == PACKET_OUTGOING)
                continue;
            if (const auto marker = marker_in(bytes, static_cast<std::size_t>(got))) {
                take(*marker);
                continue;
            }
            const unsigned type = static_cast<unsigned>(bytes[12] << 8 | bytes[13]);
            if (type != ETH_P_IP && type != ETH_P_IPV6)
                continue;
            const auto length = static_cast<std::size_t>(got);
            std::printf("c %zu %s\n", length, to_hex(bytes, std::min(length, shown)).c_str());
            reflect(bytes, length);
        }
    }

    void reflect(const std::uint8_t* bytes, std::size_t size) {
        if (!std::equal(device_.own().begin(), device_.own().end(), bytes))
            return;
        const auto packet = parse(bytes + ETH_HLEN, size - ETH_HLEN);
        const auto back = packet ? answer(*packet) : std::nullopt;
        if (!back)
            return;
        Mac peer{};
        std::copy_n(bytes + ETH_ALEN, peer.size(), peer.begin());
        queue_.push_back(frame(peer, device_.own(), build(*back)));
    }

    void read_orders() {
        char bytes[16384];
        const ssize_t got = ::read(0, bytes, sizeof bytes);
        if (got <= 0) {
            open_ = false;
            return;
        }
        input_.append(bytes, static_cast<std::size_t>(got));
        std::size_t begin = 0;
        for (std::size_t end; (end = input_.find('\n', begin)) != std::string::npos;
             begin = end + 1) {
            const std::string line = input_.substr(begin, end - begin);
            if (line.starts_with("f "))
                held_.push_back(from_hex(line.substr(2)));
            else if (line.starts_with("g ")) {
                std::move(held_.begin(), held_.end(), std::back_inserter(queue_));
                held_.clear();
                pass_on(
                    {static_cast<std::uint32_t>(std::strtoul(line.c_str() + 2, nullptr, 10)), 0});
            }
        }
        input_.erase(0, begin);
    }

    RawDevice device_;
    Mac router_{};
    std::deque<Bytes> queue_;
    std::vector<Bytes> held_; ///< until told to go
    std::string input_;
    bool open_ = true;
    Clock::time_point next_;
};

} // namespace

std::string run_wire(const char* device, const char* router) {
    Wire wire;
    std::string error = wire.open(device, mac_address(router));
    if (error.empty()) {
        std::puts("r");
        std::fflush(stdout);
        wire.run();
    }
    return error;
}

} // namespace nflab::witness
