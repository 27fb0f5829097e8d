// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/pcap/filter.hpp"

#include <pcap/pcap.h>

#include <stdexcept>

namespace nflab::pcap {

struct Filter::Program {
    bpf_program code{};
    ~Program() { pcap_freecode(&code); }
};

Filter::Filter(const std::string& expression, int link_type)
    : program_(std::make_unique<Program>()) {
    constexpr int whole_packet = 262'144; // libpcap's MAXIMUM_SNAPLEN
    const std::unique_ptr<pcap_t, decltype(&pcap_close)> handle(
        pcap_open_dead(link_type, whole_packet), pcap_close);
    if (!handle)
        throw std::invalid_argument("libpcap cannot filter packets of this kind");
    if (pcap_compile(handle.get(), &program_->code, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) !=
        0)
        throw std::invalid_argument(pcap_geterr(handle.get()));
}

Filter::~Filter() = default;
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;

bool Filter::matches(const Packet& packet) const {
    pcap_pkthdr header{};
    header.caplen = static_cast<bpf_u_int32>(packet.bytes.size());
    header.len = packet.length;
    return pcap_offline_filter(&program_->code, &header, packet.bytes.data()) != 0;
}

} // namespace nflab::pcap
