// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/frames.hpp"

#include "guest/traffic/frame_list.hpp"
#include "guest/traffic/held_ports.hpp"
#include "guest/traffic/output.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>

namespace nflab::traffic {
namespace {

using Clock = std::chrono::steady_clock;

std::string failed(const std::string& what) {
    return "cannot " + what + ": " + std::strerror(errno);
}

std::string now_ns() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::to_string(std::chrono::nanoseconds(now).count());
}

class FrameSender {
  public:
    explicit FrameSender(const FramesOptions& options) : options_(options) {}

    std::string open() {
        const unsigned index = if_nametoindex(options_.interface.c_str());
        if (index == 0)
            return failed("send by interface " + options_.interface);
        // No protocol: nothing is received here.
        sender_.reset(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
        if (!sender_)
            return failed("open a packet socket, which needs CAP_NET_RAW");
        interface_.sll_family = AF_PACKET;
        interface_.sll_ifindex = static_cast<int>(index);
        if (!options_.quiet) {
            receiver_.reset(
                socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL)));
            if (!receiver_)
                return failed("open a packet socket, which needs CAP_NET_RAW");
            const int room = 4 << 20;
            setsockopt(receiver_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
        }
        return {};
    }

    void run(const std::vector<Frame>& frames) {
        const auto begin = Clock::now();
        auto next = begin;
        auto last = begin;
        for (std::size_t number = 0; number < frames.size(); ++number) {
            next += frames[number].after;
            wait_until(next);
            send(number, frames[number].bytes);
            last = Clock::now();
        }
        const std::chrono::nanoseconds took = last - begin;
        write_line("{\"type\":\"done\",\"sent\":" + std::to_string(sent_) +
                   ",\"failed\":" + std::to_string(frames.size() - sent_) +
                   ",\"time_ns\":" + std::to_string(took.count()) + "}\n");
        wait_until(last + options_.linger);
        receiver_.reset();
        write_line("{\"type\":\"end\"}\n");
    }

  private:
    void send(std::size_t number, const std::string& bytes) {
        // The kernel wants to know what is in it where it must segment or check: packet(7).
        if (bytes.size() >= ETH_HLEN)
            std::memcpy(&interface_.sll_protocol, bytes.data() + 12, 2);
        const std::string time = now_ns();
        const ssize_t size =
            sendto(sender_.get(), bytes.data(), bytes.size(), 0,
                   reinterpret_cast<const sockaddr*>(&interface_), sizeof(interface_));
        const int error = size < 0 ? errno : 0;
        sent_ += error == 0 ? 1 : 0;
        if (options_.quiet)
            return;
        write_line("{\"type\":\"sent\",\"number\":" + std::to_string(number) +
                   ",\"time_ns\":" + time + "}\n");
        if (error != 0)
            write_line("{\"type\":\"failed\",\"number\":" + std::to_string(number) +
                       ",\"errno\":\"" + strerrorname_np(error) + "\",\"message\":\"" +
                       std::strerror(error) + "\"}\n");
    }

    // Also takes what arrives meanwhile.
    void wait_until(Clock::time_point time) {
        for (auto left = time - Clock::now(); left.count() > 0; left = time - Clock::now()) {
            const auto ns = std::chrono::nanoseconds(left).count();
            const timespec limit{ns / 1'000'000'000, ns % 1'000'000'000};
            pollfd poll{receiver_.get(), POLLIN, 0};
            ppoll(&poll, receiver_ ? 1 : 0, &limit, nullptr);
            receive();
        }
    }

    void receive() {
        char buffer[2048];
        while (receiver_) {
            sockaddr_ll from{};
            socklen_t length = sizeof(from);
            const ssize_t size = recvfrom(receiver_.get(), buffer, sizeof(buffer), 0,
                                          reinterpret_cast<sockaddr*>(&from), &length);
            if (size < 0)
                return;
            if (from.sll_pkttype == PACKET_OUTGOING)
                continue;
            const auto shown = std::min<std::size_t>(static_cast<std::size_t>(size), most_shown);
            write_line("{\"type\":\"received\",\"time_ns\":" + now_ns() + ",\"frame\":\"" +
                       to_hex({buffer, shown}) + "\"}\n");
        }
    }

    static constexpr std::size_t most_shown = 256;

    const FramesOptions& options_;
    UniqueFd sender_;
    UniqueFd receiver_;
    sockaddr_ll interface_{};
    std::size_t sent_ = 0;
};

} // namespace

std::string send_frames(const FramesOptions& options) {
    std::vector<Frame> frames;
    if (std::string error = read_frames(std::cin, frames); !error.empty())
        return error;
    const auto held = hold_ports(options.held);
    FrameSender sender(options);
    if (std::string error = sender.open(); !error.empty())
        return error;
    sender.run(frames);
    // Ports are held until somebody ends the program: an answer may be sent more than once.
    if (!held.empty())
        ::pause();
    return {};
}

} // namespace nflab::traffic
