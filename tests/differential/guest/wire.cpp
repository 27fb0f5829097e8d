// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/guest/wire.hpp"

#include "harness/base/unique_fd.hpp"
#include "tests/differential/packet.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
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
// What the slowest guest takes to answer, several times over.
constexpr std::chrono::milliseconds quiet{250};
constexpr std::size_t shown = 96; ///< bytes of a captured frame: every header that matters

class Wire {
  public:
    std::string open(const char* device) {
        socket_.reset(
            ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL)));
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

    void run() {
        while (open_) {
            const auto now = Clock::now();
            if (!queue_.empty() && now >= next_)
                send(now);
            else if (finishing() && now >= last_ + quiet)
                finish();
            wait(now);
        }
    }

  private:
    bool finishing() const { return mark_ != 0 && queue_.empty(); }

    void send(Clock::time_point now) {
        const Bytes& first = queue_.front();
        if (::send(socket_.get(), first.data(), first.size(), 0) < 0) {
            std::printf("e cannot send: %s\n", std::strerror(errno));
            std::fflush(stdout);
        }
        queue_.pop_front();
        next_ = now + pace;
        last_ = now;
    }

    void finish() {
        tpacket_stats statistics{};
        socklen_t size = sizeof statistics;
        ::getsockopt(socket_.get(), SOL_PACKET, PACKET_STATISTICS, &statistics, &size);
        std::printf("d %lu %u\n", mark_, statistics.tp_drops);
        std::fflush(stdout);
        mark_ = 0;
    }

    void wait(Clock::time_point now) {
        Clock::time_point until = now + std::chrono::seconds(1);
        if (!queue_.empty())
            until = next_;
        else if (finishing())
            until = last_ + quiet;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
        pollfd fds[2] = {{socket_.get(), POLLIN, 0}, {0, POLLIN, 0}};
        ::poll(fds, 2, static_cast<int>(std::max<long>(0, left.count())));
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
            const ssize_t got = ::recvfrom(socket_.get(), bytes, sizeof bytes, 0,
                                           reinterpret_cast<sockaddr*>(&from), &size);
            if (got < ETH_HLEN)
                return;
            if (from.sll_pkttype == PACKET_OUTGOING)
                continue;
            const unsigned type = static_cast<unsigned>(bytes[12] << 8 | bytes[13]);
            if (type != ETH_P_IP && type != ETH_P_IPV6)
                continue;
            last_ = Clock::now();
            const auto length = static_cast<std::size_t>(got);
            std::printf("c %zu %s\n", length, to_hex(bytes, std::min(length, shown)).c_str());
            reflect(bytes, length);
        }
    }

    void reflect(const std::uint8_t* bytes, std::size_t size) {
        if (!std::equal(own_.begin(), own_.end(), bytes))
            return;
        const auto packet = parse(bytes + ETH_HLEN, size - ETH_HLEN);
        const auto back = packet ? answer(*packet) : std::nullopt;
        if (!back)
            return;
        Mac peer{};
        std::copy_n(bytes + ETH_ALEN, peer.size(), peer.begin());
        queue_.push_back(frame(peer, own_, build(*back)));
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
                mark_ = std::strtoul(line.c_str() + 2, nullptr, 10);
                std::move(held_.begin(), held_.end(), std::back_inserter(queue_));
                held_.clear();
                last_ = Clock::now();
            }
        }
        input_.erase(0, begin);
    }

    UniqueFd socket_;
    Mac own_{};
    std::deque<Bytes> queue_;
    std::vector<Bytes> held_; ///< until told to go
    std::string input_;
    unsigned long mark_ = 0;
    bool open_ = true;
    Clock::time_point next_;
    Clock::time_point last_;
};

} // namespace

std::string run_wire(const char* device) {
    Wire wire;
    std::string error = wire.open(device);
    if (error.empty()) {
        std::puts("r");
        std::fflush(stdout);
        wire.run();
    }
    return error;
}

} // namespace nflab::witness
