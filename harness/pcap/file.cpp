// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/pcap/file.hpp"

#include <pcap/pcap.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace nflab::pcap {

File read(const std::string& bytes) {
    if (bytes.empty())
        throw std::invalid_argument("it is empty");
    // fmemopen() takes no pointer to const, and only reads in this mode.
    FILE* stream = fmemopen(const_cast<char*>(bytes.data()), bytes.size(), "r");
    if (!stream)
        throw std::invalid_argument(std::strerror(errno));
    char complaint[PCAP_ERRBUF_SIZE] = "";
    pcap_t* opened =
        pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, complaint);
    if (!opened) {
        std::fclose(stream);
        throw std::invalid_argument(complaint);
    }
    const std::unique_ptr<pcap_t, decltype(&pcap_close)> handle(opened, pcap_close);
    File file;
    file.link_type = pcap_datalink(opened);
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    while (pcap_next_ex(opened, &header, &data) == 1) {
        // With nanosecond precision, tv_usec holds nanoseconds: pcap(3PCAP).
        file.packets.push_back(
            {std::chrono::seconds(header->ts.tv_sec) + std::chrono::nanoseconds(header->ts.tv_usec),
             header->len, std::vector<std::uint8_t>(data, data + header->caplen)});
    }
    return file;
}

} // namespace nflab::pcap
