// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/nft_socket.hpp"

#include "harness/base/error.hpp"

#include <arpa/inet.h>
#include <endian.h>
#include <fmt/format.h>
#include <linux/netfilter/nf_tables.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace nflab::nfverdict {
namespace {

[[noreturn]] void fail(int error) {
    throw Error(Failure::lab, fmt::format("nf_tables: {}", std::strerror(error)));
}

template <typename T>
void overwrite(std::vector<std::uint8_t>& bytes, std::size_t at, const T& value) {
    std::memcpy(bytes.data() + at, &value, sizeof(value));
}

template <typename T>
void append(std::vector<std::uint8_t>& bytes, const T& value) {
    bytes.resize(bytes.size() + sizeof(value));
    overwrite(bytes, bytes.size() - sizeof(value), value);
}

void align(std::vector<std::uint8_t>& bytes) {
    bytes.resize(NLMSG_ALIGN(bytes.size()));
}

} // namespace

NetlinkWriter::NetlinkWriter(std::vector<std::uint8_t>& out, std::uint16_t type,
                             std::uint16_t flags, std::uint8_t family, std::uint16_t resource)
    : out_(out), start_(out.size()) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    append(out_, header);
    nfgenmsg generic{};
    generic.nfgen_family = family;
    generic.version = NFNETLINK_V0;
    generic.res_id = htons(resource);
    append(out_, generic);
}

void NetlinkWriter::begin(std::uint16_t attribute) {
    nlattr header{};
    header.nla_type = attribute;
    append(out_, header);
}

void NetlinkWriter::end(std::size_t start) {
    overwrite(out_, start, static_cast<std::uint16_t>(out_.size() - start));
    align(out_);
}

void NetlinkWriter::bytes(std::uint16_t attribute, std::span<const std::uint8_t> value) {
    const std::size_t start = out_.size();
    begin(attribute);
    out_.insert(out_.end(), value.begin(), value.end());
    end(start);
}

void NetlinkWriter::u32(std::uint16_t attribute, std::uint32_t value) {
    const std::uint32_t network = htonl(value);
    bytes(attribute, {reinterpret_cast<const std::uint8_t*>(&network), sizeof(network)});
}

void NetlinkWriter::text(std::uint16_t attribute, std::string_view value) {
    const std::string with_end(value);
    bytes(attribute,
          {reinterpret_cast<const std::uint8_t*>(with_end.c_str()), with_end.size() + 1});
}

void NetlinkWriter::finish() {
    overwrite(out_, start_, static_cast<std::uint32_t>(out_.size() - start_));
}

std::span<const std::uint8_t> NetlinkAttributes::find(std::uint16_t attribute) const {
    for (auto rest = bytes_; rest.size() >= sizeof(nlattr);) {
        nlattr header{};
        std::memcpy(&header, rest.data(), sizeof(header));
        if (header.nla_len < sizeof(header) || header.nla_len > rest.size())
            break;
        if ((header.nla_type & NLA_TYPE_MASK) == attribute)
            return rest.subspan(sizeof(header), header.nla_len - sizeof(header));
        rest = rest.subspan(std::min<std::size_t>(NLA_ALIGN(header.nla_len), rest.size()));
    }
    return {};
}

std::string NetlinkAttributes::text(std::uint16_t attribute) const {
    const auto value = find(attribute);
    const auto* text = reinterpret_cast<const char*>(value.data());
    return {text, ::strnlen(text, value.size())};
}

std::uint64_t NetlinkAttributes::u64(std::uint16_t attribute) const {
    const auto value = find(attribute);
    std::uint64_t number = 0;
    if (value.size() != sizeof(number))
        return 0;
    std::memcpy(&number, value.data(), sizeof(number));
    return be64toh(number);
}

NftSocket::NftSocket() : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER)) {
    const timeval limit{5, 0};
    if (!socket_ ||
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0)
        fail(errno);
}

void NftSocket::send(std::span<const std::uint8_t> messages) {
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    if (::sendto(socket_.get(), messages.data(), messages.size(), 0,
                 reinterpret_cast<const sockaddr*>(&kernel), sizeof(kernel)) < 0)
        fail(errno);
}

bool NftSocket::receive(
    const std::function<bool(const nlmsghdr&, std::span<const std::uint8_t>)>& take) {
    alignas(nlmsghdr) std::array<std::uint8_t, 32768> buffer;
    const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0)
        fail(errno);
    auto rest = std::span<const std::uint8_t>(buffer).first(static_cast<std::size_t>(size));
    while (rest.size() >= sizeof(nlmsghdr)) {
        nlmsghdr header{};
        std::memcpy(&header, rest.data(), sizeof(header));
        if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > rest.size())
            break;
        if (!take(header, rest.subspan(sizeof(header), header.nlmsg_len - sizeof(header))))
            return false;
        rest = rest.subspan(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), rest.size()));
    }
    return true;
}

void NftSocket::transact(std::span<const std::uint8_t> messages) {
    std::vector<std::uint8_t> all(messages.begin(), messages.end());
    // Only mistakes are answered; so that an answer comes in any case, ask for something after it.
    send(all);
    std::vector<std::uint8_t> question;
    NetlinkWriter(question, nft_message(NFT_MSG_GETGEN), NLM_F_ACK, AF_UNSPEC).finish();
    send(question);
    int error = 0;
    while (receive([&](const nlmsghdr& header, std::span<const std::uint8_t> body) {
        if (header.nlmsg_type != NLMSG_ERROR || body.size() < sizeof(nlmsgerr))
            return true;
        nlmsgerr answer{};
        std::memcpy(&answer, body.data(), sizeof(answer));
        if (answer.error != 0 && error == 0)
            error = -answer.error;
        return answer.msg.nlmsg_type != nft_message(NFT_MSG_GETGEN);
    })) {
    }
    if (error != 0)
        fail(error);
}

void NftSocket::dump(std::uint16_t type, const std::function<void(const NetlinkAttributes&)>& each,
                     std::uint8_t family) {
    std::vector<std::uint8_t> question;
    NetlinkWriter(question, type, NLM_F_DUMP, family).finish();
    send(question);
    while (receive([&](const nlmsghdr& header, std::span<const std::uint8_t> body) {
        if (header.nlmsg_type == NLMSG_ERROR && body.size() >= sizeof(nlmsgerr)) {
            nlmsgerr answer{};
            std::memcpy(&answer, body.data(), sizeof(answer));
            fail(-answer.error);
        }
        if (header.nlmsg_type == NLMSG_DONE)
            return false;
        if (body.size() >= sizeof(nfgenmsg))
            each(NetlinkAttributes(body.subspan(sizeof(nfgenmsg))));
        return true;
    })) {
    }
}

} // namespace nflab::nfverdict
