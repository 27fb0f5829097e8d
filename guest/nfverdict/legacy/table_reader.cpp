// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/legacy/table_reader.hpp"

#include "guest/nfverdict/legacy/legacy_api.hpp"
#include "harness/base/error.hpp"
#include "harness/base/unique_fd.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace nflab::nfverdict {
namespace {

struct Api {
    int domain;
    int level;
    int get_info;
    int get_entries;
    int match_revision;
    int target_revision;
};

// arptables and ebtables have no sockets of their own: any IPv4 one takes their questions.
const Api& api(Legacy engine) {
    static const Api ip{AF_INET,
                        SOL_IP,
                        IPT_SO_GET_INFO,
                        IPT_SO_GET_ENTRIES,
                        IPT_SO_GET_REVISION_MATCH,
                        IPT_SO_GET_REVISION_TARGET};
    static const Api ip6{AF_INET6,
                         SOL_IPV6,
                         IP6T_SO_GET_INFO,
                         IP6T_SO_GET_ENTRIES,
                         IP6T_SO_GET_REVISION_MATCH,
                         IP6T_SO_GET_REVISION_TARGET};
    static const Api arp{
        AF_INET, SOL_IP, ARPT_SO_GET_INFO, ARPT_SO_GET_ENTRIES, 0, ARPT_SO_GET_REVISION_TARGET};
    static const Api bridge{AF_INET, SOL_IP, EBT_SO_GET_INFO, EBT_SO_GET_ENTRIES, 0, 0};
    switch (engine) {
    case Legacy::iptables:
        return ip;
    case Legacy::ip6tables:
        return ip6;
    case Legacy::arptables:
        return arp;
    case Legacy::ebtables:
        break;
    }
    return bridge;
}

// struct ipt_getinfo and struct ip6t_getinfo are the same, and so are all three get_entries up to
// their entries.
static_assert(sizeof(ipt_getinfo) == sizeof(ip6t_getinfo));
static_assert(sizeof(ipt_get_entries) == sizeof(ip6t_get_entries));
static_assert(sizeof(ipt_get_entries) == sizeof(arpt_get_entries));

UniqueFd open_socket(const Api& api) {
    return UniqueFd(::socket(api.domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
}

[[noreturn]] void fail(const char* what, Legacy engine, const std::string& table) {
    throw Error(Failure::lab, fmt::format("cannot get the {} of {}'s table {}: {}", what,
                                          name_of(engine), table, std::strerror(errno)));
}

template <typename Info>
void ask(const UniqueFd& socket, const Api& api, int question, Info& answer, const char* what,
         Legacy engine, const std::string& table) {
    socklen_t size = sizeof(answer);
    if (!socket || ::getsockopt(socket.get(), api.level, question, &answer, &size) != 0)
        fail(what, engine, table);
}

template <typename Info>
RawTable read_xt_table(Legacy engine, const std::string& table) {
    const Api& questions = api(engine);
    const UniqueFd socket = open_socket(questions);
    Info info{};
    table.copy(info.name, sizeof(info.name) - 1);
    ask(socket, questions, questions.get_info, info, "size", engine, table);
    // The kernel wants exactly the header, up to its flexible array, and the entries.
    std::vector<std::uint8_t> buffer(sizeof(ipt_get_entries) + info.size);
    ipt_get_entries header{};
    std::memcpy(header.name, info.name, sizeof(header.name));
    header.size = info.size;
    std::memcpy(buffer.data(), &header, sizeof(header));
    auto size = static_cast<socklen_t>(buffer.size());
    if (::getsockopt(socket.get(), questions.level, questions.get_entries, buffer.data(), &size) !=
        0)
        fail("entries", engine, table);
    RawTable out;
    out.info.valid_hooks = info.valid_hooks;
    std::copy(std::begin(info.hook_entry), std::end(info.hook_entry), out.info.hook_entry.begin());
    std::copy(std::begin(info.underflow), std::end(info.underflow), out.info.underflow.begin());
    out.number = info.num_entries;
    out.blob.assign(buffer.begin() + sizeof(ipt_get_entries), buffer.end());
    return out;
}

RawTable read_ebt_table(const std::string& table) {
    const Api& questions = api(Legacy::ebtables);
    const UniqueFd socket = open_socket(questions);
    ebt_replace info{};
    table.copy(info.name, sizeof(info.name) - 1);
    ask(socket, questions, questions.get_info, info, "size", Legacy::ebtables, table);
    RawTable out;
    out.blob.resize(info.entries_size);
    std::vector<ebt_counter> counters(info.nentries);
    info.entries = reinterpret_cast<char*>(out.blob.data());
    info.num_counters = info.nentries;
    info.counters = counters.data();
    // The kernel wants the size of all that it writes, behind the pointers, too.
    auto size = static_cast<socklen_t>(sizeof(info) + out.blob.size() +
                                       counters.size() * sizeof(ebt_counter));
    if (::getsockopt(socket.get(), questions.level, questions.get_entries, &info, &size) != 0)
        fail("entries", Legacy::ebtables, table);
    out.info.valid_hooks = info.valid_hooks;
    out.number = info.nentries;
    for (const ebt_counter& counter : counters)
        out.counters.push_back({counter.pcnt, counter.bcnt});
    return out;
}

} // namespace

RawTable read_table(Legacy engine, const std::string& table) {
    RawTable out = engine == Legacy::ebtables    ? read_ebt_table(table)
                   : engine == Legacy::arptables ? read_xt_table<arpt_getinfo>(engine, table)
                                                 : read_xt_table<ipt_getinfo>(engine, table);
    out.engine = engine;
    out.name = table;
    return out;
}

std::optional<std::vector<std::string>> existing_tables(Legacy engine) {
    const char* file = nullptr;
    switch (engine) {
    case Legacy::iptables:
        file = "/proc/thread-self/net/ip_tables_names";
        break;
    case Legacy::ip6tables:
        file = "/proc/thread-self/net/ip6_tables_names";
        break;
    case Legacy::arptables:
        file = "/proc/thread-self/net/arp_tables_names";
        break;
    case Legacy::ebtables:
        return {};
    }
    std::ifstream names(file);
    return std::vector<std::string>{std::istream_iterator<std::string>(names), {}};
}

std::vector<int> known_revisions(Legacy engine, const std::string& extension, bool target) {
    // The kernel's answer is the highest one, but getsockopt() puts 0 in its place: so each is
    // asked for. The kernel has no extension with as many.
    constexpr std::uint8_t enough = 16;
    const Api& questions = api(engine);
    const int question = target ? questions.target_revision : questions.match_revision;
    std::vector<int> known;
    if (question == 0)
        return known;
    const UniqueFd socket = open_socket(questions);
    for (std::uint8_t revision = 0; socket && revision < enough; ++revision) {
        xt_get_revision asked{};
        extension.copy(asked.name, sizeof(asked.name) - 1);
        asked.revision = revision;
        socklen_t size = sizeof(asked);
        if (::getsockopt(socket.get(), questions.level, question, &asked, &size) >= 0)
            known.push_back(revision);
    }
    return known;
}

} // namespace nflab::nfverdict
