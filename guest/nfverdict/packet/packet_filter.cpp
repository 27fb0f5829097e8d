// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/packet/packet_filter.hpp"

#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <linux/if_ether.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace nflab::nfverdict {
namespace {

constexpr int snapshot_length = 65535;

// One program of the kernel's filter machine.
class Program {
  public:
    Program(int link_type, const std::string& expression) {
        pcap_t* capture = pcap_open_dead(link_type, snapshot_length);
        if (!capture)
            throw Error(Failure::lab, "no memory for a packet filter");
        compiled_ =
            pcap_compile(capture, &program_, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0;
        if (!compiled_)
            complaint_ = pcap_geterr(capture);
        pcap_close(capture);
    }
    ~Program() {
        if (compiled_)
            pcap_freecode(&program_);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    bool compiled() const { return compiled_; }
    const std::string& complaint() const { return complaint_; }

    bool matches(const std::uint8_t* bytes, std::size_t size, std::size_t length) const {
        return compiled_ && bpf_filter(program_.bf_insns, bytes, static_cast<unsigned>(length),
                                       static_cast<unsigned>(size)) != 0;
    }

  private:
    bpf_program program_{};
    bool compiled_ = false;
    std::string complaint_;
};

bool is_frame(const nfv_event& event) {
    return event.pf == NFPROTO_BRIDGE || event.pf == NFPROTO_ARP || event.pf == NFPROTO_NETDEV;
}

} // namespace

struct PacketFilter::Programs {
    explicit Programs(const std::string& expression)
        : packets(DLT_RAW, expression), frames(DLT_EN10MB, expression) {}
    Program packets;
    Program frames;
};

PacketFilter::PacketFilter(const std::string& expression) {
    if (expression.find_first_not_of(' ') == std::string::npos)
        return;
    programs_ = std::make_unique<Programs>(expression);
    // "arp" or "ether host …" is right for frames, although no IP packet can be like that.
    if (!programs_->frames.compiled() && !programs_->packets.compiled())
        throw Error(
            Failure::bad_input,
            fmt::format("'{}' is no packet filter: {}", expression, programs_->packets.complaint()),
            "pcap-filter(7) describes them: tcp port 22 and host 10.0.0.1");
}

PacketFilter::~PacketFilter() = default;
PacketFilter::PacketFilter(PacketFilter&&) noexcept = default;
PacketFilter& PacketFilter::operator=(PacketFilter&&) noexcept = default;

bool PacketFilter::matches(const nfv_event& event) const {
    if (!programs_)
        return true;
    if (!is_frame(event))
        return programs_->packets.matches(event.header, event.header_length, event.length);
    std::array<std::uint8_t, ETH_HLEN + NFV_HEADER> frame{};
    if (event.has_mac)
        std::memcpy(frame.data(), event.mac, NFV_MAC);
    frame[12] = static_cast<std::uint8_t>(event.protocol >> 8);
    frame[13] = static_cast<std::uint8_t>(event.protocol);
    const std::size_t size = std::min<std::size_t>(event.header_length, NFV_HEADER);
    std::memcpy(frame.data() + ETH_HLEN, event.header, size);
    return programs_->frames.matches(frame.data(), ETH_HLEN + size, ETH_HLEN + event.length);
}

} // namespace nflab::nfverdict
