// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/pcapng.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace nflab::report {
namespace {

// Numbers of the format's sections 4.1, 4.2 and 4.3, and of its options.
constexpr std::uint32_t section_header = 0x0a0d0d0a;
constexpr std::uint32_t interface_description = 1;
constexpr std::uint32_t enhanced_packet = 6;
constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;
constexpr std::uint16_t end_of_options = 0;
constexpr std::uint16_t option_comment = 1;
constexpr std::uint16_t option_user_application = 4;
constexpr std::uint16_t option_name = 2;
constexpr std::uint16_t option_time_resolution = 9;
constexpr std::uint16_t option_filter = 11;
constexpr char nanoseconds = 9; // 10^-9
constexpr std::size_t longest_option = 0xffff;

// What libpcap calls 12 here is 101 in files (LINKTYPE_RAW): pcap-linktype(7).
constexpr int raw_ip_here = 12;
constexpr int raw_ip_in_files = 101;

// Bytes in the order of this file: the least significant first.
class Bytes {
  public:
    template <typename Number>
    Bytes& add(Number number) {
        for (std::size_t i = 0; i < sizeof(Number); ++i)
            bytes_ += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i) & 0xff);
        return *this;
    }
    Bytes& add_padded(std::string_view text) {
        bytes_ += text;
        bytes_.append((4 - text.size() % 4) % 4, '\0');
        return *this;
    }
    Bytes& option(std::uint16_t code, std::string_view value) {
        value = value.substr(0, longest_option);
        return add(code).add(static_cast<std::uint16_t>(value.size())).add_padded(value);
    }
    Bytes& end_options() { return add(end_of_options).add(std::uint16_t{0}); }
    std::string block(std::uint32_t type) const {
        const auto length = static_cast<std::uint32_t>(bytes_.size() + 12);
        Bytes whole;
        whole.add(type).add(length);
        whole.bytes_ += bytes_;
        return whole.add(length).bytes_;
    }

  private:
    std::string bytes_;
};

std::string section() {
    return Bytes()
        .add(byte_order_magic)
        .add(std::uint16_t{1}) // version 1.0
        .add(std::uint16_t{0})
        .add(~std::uint64_t{0}) // its length is not told
        .option(option_user_application, "nflab " NFLAB_VERSION)
        .end_options()
        .block(section_header);
}

std::string description(int link_type, const CaptureInterface& interface) {
    Bytes bytes;
    bytes.add(static_cast<std::uint16_t>(link_type == raw_ip_here ? raw_ip_in_files : link_type))
        .add(std::uint16_t{0})
        .add(std::uint32_t{0}) // no limit of a packet's length
        .option(option_name, interface.name)
        .option(option_time_resolution, std::string(1, nanoseconds));
    if (!interface.filter.empty())
        bytes.option(option_filter, std::string(1, '\0') + interface.filter); // 0: as text
    return bytes.end_options().block(interface_description);
}

std::string packet_block(const pcap::Packet& packet, const std::string& comment) {
    const auto time = static_cast<std::uint64_t>(packet.time.count());
    Bytes bytes;
    bytes
        .add(std::uint32_t{0}) // the only interface
        .add(static_cast<std::uint32_t>(time >> 32))
        .add(static_cast<std::uint32_t>(time))
        .add(static_cast<std::uint32_t>(packet.bytes.size()))
        .add(packet.length)
        .add_padded({reinterpret_cast<const char*>(packet.bytes.data()), packet.bytes.size()});
    if (!comment.empty())
        bytes.option(option_comment, comment).end_options();
    return bytes.block(enhanced_packet);
}

} // namespace

std::string pcapng(const pcap::File& file, const CaptureInterface& interface,
                   const std::vector<std::string>& comments) {
    std::string out = section() + description(file.link_type, interface);
    for (std::size_t i = 0; i < file.packets.size(); ++i)
        out += packet_block(file.packets[i], i < comments.size() ? comments[i] : "");
    return out;
}

} // namespace nflab::report
