// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tables/entry_words.hpp"

#include "guest/nfverdict/legacy/legacy_api.hpp"
#include "guest/nfverdict/packet/packet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

namespace nflab::nfverdict {
namespace {

using Bytes = std::span<const std::uint8_t>;

template <typename T>
T load(Bytes bytes) {
    T value{};
    std::memcpy(&value, bytes.data(), std::min(sizeof(value), bytes.size()));
    return value;
}

Bytes bytes_of(const auto& value) {
    return {reinterpret_cast<const std::uint8_t*>(&value), sizeof(value)};
}

class Options {
  public:
    void add(bool inverted, const std::string& option, const std::string& value = {}) {
        text_ += fmt::format("{}{}{}", text_.empty() ? "" : " ", inverted ? "! " : "", option);
        if (!value.empty())
            text_ += " " + value;
    }

    std::string take() { return std::move(text_); }

  private:
    std::string text_;
};

// The length of a mask that is a prefix.
std::optional<unsigned> prefix_length(Bytes mask) {
    unsigned length = 0;
    bool over = false;
    for (const std::uint8_t byte : mask) {
        const auto ones = static_cast<unsigned>(std::countl_one(byte));
        if ((over && byte != 0) || std::popcount(byte) != static_cast<int>(ones))
            return {};
        length += ones;
        over = over || ones < 8;
    }
    return length;
}

void add_address(Options& options, int family, bool inverted, const char* option, Bytes address,
                 Bytes mask) {
    const auto length = prefix_length(mask);
    if (length == 0U && !inverted)
        return;
    options.add(inverted, option,
                fmt::format("{}/{}", address_text(family, address.data()),
                            length ? std::to_string(*length) : address_text(family, mask.data())));
}

// A mask that ends before the name's final zero means every device whose name begins so.
void add_device(Options& options, bool inverted, const char* option, const char* name,
                const unsigned char* mask) {
    const std::string text(name, ::strnlen(name, IFNAMSIZ));
    if (text.empty() && mask[0] == 0)
        return;
    // Most programs leave the plus sign in the name itself.
    const bool whole = text.ends_with('+') || (text.size() < IFNAMSIZ && mask[text.size()] != 0);
    options.add(inverted, option, whole ? text : text + "+");
}

void add_protocol(Options& options, bool inverted, unsigned protocol) {
    constexpr std::array<std::pair<unsigned, const char*>, 11> names{
        {{IPPROTO_ICMP, "icmp"},
         {IPPROTO_IGMP, "igmp"},
         {IPPROTO_TCP, "tcp"},
         {IPPROTO_UDP, "udp"},
         {IPPROTO_DCCP, "dccp"},
         {IPPROTO_GRE, "gre"},
         {IPPROTO_ESP, "esp"},
         {IPPROTO_AH, "ah"},
         {IPPROTO_ICMPV6, "ipv6-icmp"},
         {IPPROTO_SCTP, "sctp"},
         {IPPROTO_UDPLITE, "udplite"}}};
    if (protocol == 0)
        return;
    const auto named = std::find_if(names.begin(), names.end(),
                                    [&](const auto& each) { return each.first == protocol; });
    options.add(inverted, "-p", named == names.end() ? std::to_string(protocol) : named->second);
}

// struct ipt_ip and struct ip6t_ip6 differ in their addresses only, as far as this goes.
static_assert(IPT_INV_SRCIP == IP6T_INV_SRCIP && IPT_INV_DSTIP == IP6T_INV_DSTIP &&
              IPT_INV_VIA_IN == IP6T_INV_VIA_IN && IPT_INV_VIA_OUT == IP6T_INV_VIA_OUT);

template <typename Ip>
void add_ends(Options& options, int family, const Ip& ip) {
    const auto inverted = [&](unsigned flag) { return (ip.invflags & flag) != 0; };
    add_address(options, family, inverted(IPT_INV_SRCIP), "-s", bytes_of(ip.src),
                bytes_of(ip.smsk));
    add_address(options, family, inverted(IPT_INV_DSTIP), "-d", bytes_of(ip.dst),
                bytes_of(ip.dmsk));
    add_device(options, inverted(IPT_INV_VIA_IN), "-i", ip.iniface, ip.iniface_mask);
    add_device(options, inverted(IPT_INV_VIA_OUT), "-o", ip.outiface, ip.outiface_mask);
}

std::string ipv4_conditions(const ipt_ip& ip) {
    Options options;
    add_ends(options, AF_INET, ip);
    add_protocol(options, (ip.invflags & IPT_INV_PROTO) != 0, ip.proto);
    if ((ip.flags & IPT_F_FRAG) != 0)
        options.add((ip.invflags & IPT_INV_FRAG) != 0, "-f");
    return options.take();
}

std::string ipv6_conditions(const ip6t_ip6& ip) {
    Options options;
    add_ends(options, AF_INET6, ip);
    if ((ip.flags & IP6T_F_PROTO) != 0)
        add_protocol(options, (ip.invflags & IP6T_INV_PROTO) != 0, ip.proto);
    if ((ip.flags & IP6T_F_TOS) != 0)
        options.add((ip.invflags & IP6T_INV_TOS) != 0, "--tos", fmt::format("{:#04x}", ip.tos));
    return options.take();
}

// "02:00:00:00:00:01", and the mask behind a slash unless it asks for every bit.
std::string mac_text(Bytes address, Bytes mask) {
    const auto words = [](Bytes bytes) {
        std::string text;
        for (const std::uint8_t byte : bytes)
            text += fmt::format("{}{:02x}", text.empty() ? "" : ":", byte);
        return text;
    };
    const bool every =
        std::all_of(mask.begin(), mask.end(), [](std::uint8_t byte) { return byte == 0xff; });
    return every ? words(address) : words(address) + "/" + words(mask);
}

void add_mac(Options& options, bool inverted, const char* option, Bytes address, Bytes mask) {
    if (std::any_of(mask.begin(), mask.end(), [](std::uint8_t byte) { return byte != 0; }))
        options.add(inverted, option, mac_text(address, mask));
}

void add_number(Options& options, bool inverted, const char* option, std::uint16_t number,
                std::uint16_t mask, const char* format) {
    if (mask == 0)
        return;
    std::string text = fmt::format(fmt::runtime(format), ntohs(number));
    if (mask != 0xffff)
        text += fmt::format("/{:#06x}", ntohs(mask));
    options.add(inverted, option, text);
}

std::string arp_conditions(const arpt_arp& arp) {
    Options options;
    const auto inverted = [&](unsigned flag) { return (arp.invflags & flag) != 0; };
    const auto hardware = [](const char(&bytes)[ARPT_DEV_ADDR_LEN_MAX]) {
        return bytes_of(bytes).first(ETH_ALEN);
    };
    add_address(options, AF_INET, inverted(ARPT_INV_SRCIP), "-s", bytes_of(arp.src),
                bytes_of(arp.smsk));
    add_address(options, AF_INET, inverted(ARPT_INV_TGTIP), "-d", bytes_of(arp.tgt),
                bytes_of(arp.tmsk));
    add_device(options, inverted(ARPT_INV_VIA_IN), "-i", arp.iniface, arp.iniface_mask);
    add_device(options, inverted(ARPT_INV_VIA_OUT), "-o", arp.outiface, arp.outiface_mask);
    add_mac(options, inverted(ARPT_INV_SRCDEVADDR), "--source-mac", hardware(arp.src_devaddr.addr),
            hardware(arp.src_devaddr.mask));
    add_mac(options, inverted(ARPT_INV_TGTDEVADDR), "--destination-mac",
            hardware(arp.tgt_devaddr.addr), hardware(arp.tgt_devaddr.mask));
    // arptables sets the mask of the hardware length in every rule, and means Ethernet's by it.
    if (arp.arhln_mask != 0 && (arp.arhln != ETH_ALEN || inverted(ARPT_INV_ARPHLN)))
        options.add(inverted(ARPT_INV_ARPHLN), "--h-length", std::to_string(arp.arhln));
    add_number(options, inverted(ARPT_INV_ARPOP), "--opcode", arp.arpop, arp.arpop_mask, "{}");
    add_number(options, inverted(ARPT_INV_ARPHRD), "--h-type", arp.arhrd, arp.arhrd_mask, "{}");
    add_number(options, inverted(ARPT_INV_ARPPRO), "--proto-type", arp.arpro, arp.arpro_mask,
               "{:#06x}");
    return options.take();
}

void add_bridge_device(Options& options, bool inverted, const char* option, const char* name) {
    // In the name itself, 1 stands for "and whatever follows".
    std::string text(name, ::strnlen(name, IFNAMSIZ));
    if (text.empty())
        return;
    std::replace(text.begin(), text.end(), '\1', '+');
    options.add(inverted, option, text);
}

std::string bridge_conditions(const ebt_entry& entry) {
    Options options;
    const auto inverted = [&](unsigned flag) { return (entry.invflags & flag) != 0; };
    if ((entry.bitmask & EBT_802_3) != 0)
        options.add(inverted(EBT_IPROTO), "-p", "LENGTH");
    else if ((entry.bitmask & EBT_NOPROTO) == 0)
        options.add(inverted(EBT_IPROTO), "-p", fmt::format("{:#06x}", ntohs(entry.ethproto)));
    add_bridge_device(options, inverted(EBT_IIN), "-i", entry.in);
    add_bridge_device(options, inverted(EBT_ILOGICALIN), "--logical-in", entry.logical_in);
    add_bridge_device(options, inverted(EBT_IOUT), "-o", entry.out);
    add_bridge_device(options, inverted(EBT_ILOGICALOUT), "--logical-out", entry.logical_out);
    if ((entry.bitmask & EBT_SOURCEMAC) != 0)
        options.add(inverted(EBT_ISOURCE), "-s", mac_text(entry.sourcemac, entry.sourcemsk));
    if ((entry.bitmask & EBT_DESTMAC) != 0)
        options.add(inverted(EBT_IDEST), "-d", mac_text(entry.destmac, entry.destmsk));
    return options.take();
}

} // namespace

std::string entry_conditions(Legacy engine, Bytes entry) {
    switch (engine) {
    case Legacy::iptables:
        return ipv4_conditions(load<ipt_ip>(entry));
    case Legacy::ip6tables:
        return ipv6_conditions(load<ip6t_ip6>(entry));
    case Legacy::arptables:
        return arp_conditions(load<arpt_arp>(entry));
    case Legacy::ebtables:
        break;
    }
    return bridge_conditions(load<ebt_entry>(entry));
}

} // namespace nflab::nfverdict
