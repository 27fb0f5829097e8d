// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/snapshot.hpp"

#include "guest/nfverdict/kernel_api.hpp"
#include "harness/base/error.hpp"
#include "harness/base/unique_fd.hpp"
#include "harness/process/command.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace nflab::nfverdict {
namespace {

constexpr std::chrono::seconds program_limit{20};

struct Api {
    int domain;
    int level;
    int get_info;
    int get_entries;
    const char* save;
    const XtFormat& format;
};

const Api& api(bool ipv6) {
    static const Api ip{
        AF_INET, SOL_IP, IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES, "iptables-legacy-save", ipv4_format};
    static const Api ip6{
        AF_INET6,   SOL_IPV6, IP6T_SO_GET_INFO, IP6T_SO_GET_ENTRIES, "ip6tables-legacy-save",
        ipv6_format};
    return ipv6 ? ip6 : ip;
}

// struct ipt_getinfo and struct ip6t_getinfo are the same, and so are the two get_entries.
static_assert(sizeof(ipt_getinfo) == sizeof(ip6t_getinfo));
static_assert(sizeof(ipt_get_entries) == sizeof(ip6t_get_entries));

XtEntries read_entries(const Api& api, const std::string& table) {
    const auto fail = [&](const char* what) {
        throw Error(Failure::lab, fmt::format("cannot {} of the legacy table {}: {}", what, table,
                                              std::strerror(errno)));
    };
    const UniqueFd socket(::socket(api.domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
    ipt_getinfo info{};
    table.copy(info.name, sizeof(info.name) - 1);
    socklen_t size = sizeof(info);
    if (!socket || ::getsockopt(socket.get(), api.level, api.get_info, &info, &size) != 0)
        fail("get the size");
    // The kernel wants exactly the header, up to its flexible array, and the entries.
    std::vector<std::uint8_t> buffer(sizeof(ipt_get_entries) + info.size);
    ipt_get_entries header{};
    std::memcpy(header.name, info.name, sizeof(header.name));
    header.size = info.size;
    std::memcpy(buffer.data(), &header, sizeof(header));
    size = static_cast<socklen_t>(buffer.size());
    if (::getsockopt(socket.get(), api.level, api.get_entries, buffer.data(), &size) != 0)
        fail("get the entries");
    XtInfo places;
    places.valid_hooks = info.valid_hooks;
    std::copy_n(info.hook_entry, places.hook_entry.size(), places.hook_entry.begin());
    std::copy_n(info.underflow, places.underflow.size(), places.underflow.begin());
    return decode_xt_blob(places, std::span(buffer).subspan(sizeof(ipt_get_entries)), api.format);
}

} // namespace

NftSnapshot read_nft() {
    NftSnapshot snapshot;
    snapshot.listing = parse_nft_listing(
        output_of({.argv = {"nft", "-a", "-s", "list", "ruleset"}, .timeout = program_limit}));
    for (const NftTable& table : snapshot.listing.tables) {
        const char* program = table.family == "ip6" ? "ip6tables-nft-save" : "iptables-nft-save";
        if (!is_iptables_nft(table) || find_program(program).empty())
            continue;
        const CommandResult save =
            run({.argv = {program, "-t", table.name}, .timeout = program_limit});
        if (save.ok())
            snapshot.saves[{table.family, table.name}] = parse_xt_save(save.out);
    }
    return snapshot;
}

XtSnapshot read_xt(bool ipv6, const std::string& table) {
    XtSnapshot snapshot;
    snapshot.entries = read_entries(api(ipv6), table);
    if (find_program(api(ipv6).save).empty())
        return snapshot;
    const CommandResult save =
        run({.argv = {api(ipv6).save, "-t", table}, .timeout = program_limit});
    if (save.ok())
        snapshot.save = parse_xt_save(save.out);
    return snapshot;
}

std::vector<std::string> legacy_tables(bool ipv6) {
    std::ifstream names(ipv6 ? "/proc/thread-self/net/ip6_tables_names"
                             : "/proc/thread-self/net/ip_tables_names");
    return {std::istream_iterator<std::string>(names), {}};
}

} // namespace nflab::nfverdict
