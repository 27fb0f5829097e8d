// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/engines/legacy_test.hpp"

#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/kernel/module_file.hpp"
#include "guest/nfverdict/records/assemble.hpp"
#include "guest/nfverdict/records/explain_xt.hpp"
#include "guest/nfverdict/rulesets/snapshot.hpp"
#include "harness/base/error.hpp"
#include "harness/base/unique_fd.hpp"
#include "harness/process/command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <map>
#include <thread>

namespace nflab::nfverdict {
namespace {

using Outcome = TestResult::Outcome;

// The packets are numbered from 1: last byte of the address that is asked for, or of the frame's
// source.
constexpr unsigned packets = 5;
constexpr std::uint8_t first_host = 10; // 192.0.2.11 is asked for by the first

constexpr const char* arp_rules = R"(set -e
ip link add nfv0 type veth peer name nfv1
ip address add 192.0.2.1/24 dev nfv0
ip link set nfv1 up
ip link set nfv0 up
arptables-legacy -N beyond
arptables-legacy -A beyond -j DROP
arptables-legacy -A OUTPUT -d 192.0.2.11 -j ACCEPT
arptables-legacy -A OUTPUT -d 192.0.2.12 -j DROP
arptables-legacy -A OUTPUT -d 192.0.2.13 -j beyond
arptables-legacy -A OUTPUT -d 192.0.2.14 -j mangle --mangle-ip-s 192.0.2.99 --mangle-target DROP
arptables-legacy -P OUTPUT DROP
)";

constexpr const char* bridge_rules = R"(set -e
ip link add nfvbr type bridge
ip link add nfv0 type veth peer name nfv1
ip link set nfv0 master nfvbr
ip link set nfv0 up
ip link set nfv1 up
ip link set nfvbr up
e="ebtables-legacy -t {0}"
$e -N beyond
$e -A beyond -j DROP
$e -A {1} -s 02:00:00:00:00:01 -j ACCEPT
$e -A {1} -s 02:00:00:00:00:02 -j DROP
$e -A {1} -s 02:00:00:00:00:03 -j beyond
$e -A {1} -s 02:00:00:00:00:04 -j mark --mark-set 1 --mark-target DROP
$e -P {1} DROP
)";

constexpr const char* clean_up = R"(ip link del nfv0
ip link del nfvbr 2>/dev/null
true
)";

using Seen = std::map<unsigned, std::string>;

std::string words(const verdict::Record& record, nfv_method method) {
    if (method == NFV_FEXIT)
        return record.verdict;
    const char* kind = record.rule_kind == verdict::RuleKind::policy ? "policy" : "rule";
    return fmt::format("{} by {} {} of chain {}", record.verdict, kind, record.rule, record.chain);
}

Seen expected(const std::string& chain, nfv_method method) {
    if (method == NFV_FEXIT)
        return {{1, "accept"}, {2, "drop"}, {3, "drop"}, {4, "drop"}, {5, "drop"}};
    return {{1, fmt::format("accept by rule 1 of chain {}", chain)},
            {2, fmt::format("drop by rule 2 of chain {}", chain)},
            {3, "drop by rule 1 of chain beyond"},
            {4, fmt::format("drop by rule 4 of chain {}", chain)},
            {5, fmt::format("drop by policy 0 of chain {}", chain)}};
}

constexpr std::uint16_t experimental = 0x88b5; // IEEE's Ethernet type for local use

void ask_for(unsigned number) {
    const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const std::array<std::uint8_t, 4> address{192, 0, 2,
                                              static_cast<std::uint8_t>(first_host + number)};
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(9);
    std::memcpy(&to.sin_addr, address.data(), address.size());
    constexpr char byte = 'n';
    ::sendto(socket.get(), &byte, 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
}

void send_frame(unsigned number) {
    const UniqueFd socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    std::array<std::uint8_t, ETH_ZLEN> frame{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
    frame[11] = static_cast<std::uint8_t>(number);
    frame[12] = experimental >> 8;
    frame[13] = experimental & 0xff;
    ifreq device{};
    std::strcpy(device.ifr_name, "nfv1");
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    if (::ioctl(socket.get(), SIOCGIFINDEX, &device) == 0)
        to.sll_ifindex = device.ifr_ifindex;
    if (::sendto(socket.get(), frame.data(), frame.size(), 0,
                 reinterpret_cast<const sockaddr*>(&to), sizeof(to)) < 0)
        throw Error(Failure::lab, fmt::format("cannot send a frame: {}", std::strerror(errno)));
}

// The target's protocol address, behind a fixed part and three addresses: RFC 826.
unsigned number_of_question(const nfv_event& event) {
    constexpr std::size_t last_byte = 27;
    return event.header_length > last_byte && event.header[last_byte] > first_host
               ? event.header[last_byte] - first_host
               : 0U;
}

// The devices send frames of their own, and any address may end like one of ours.
unsigned number_of_frame(const nfv_event& event) {
    return event.has_mac && event.protocol == experimental ? event.mac[NFV_MAC - 1] : 0;
}

struct Case {
    Legacy engine;
    std::string table;
    std::string chain;
    std::string rules;
    void (*send)(unsigned number);
    unsigned (*number)(const nfv_event& event);
    nfv_method method;
};

TestResult try_packets(const Netns& netns, Intake& intake, const Case& test) {
    constexpr std::chrono::milliseconds limit{1500};
    constexpr std::chrono::milliseconds pause{5};
    auto snapshot = std::make_shared<XtSnapshot>();
    intake.pump();
    intake.take_private();
    {
        const InNetns inside(netns);
        output_of({.argv = {"sh", "-c", test.rules}});
        *snapshot = read_xt(test.engine, test.table);
        for (unsigned number = 1; number <= packets; ++number)
            test.send(number);
    }
    Seen seen;
    const auto end = std::chrono::steady_clock::now() + limit;
    while (seen.size() < packets && std::chrono::steady_clock::now() < end) {
        intake.pump();
        for (const nfv_event& event : intake.take_private()) {
            if (event.ruleset != NFV_RULESET_XT || event.method != test.method ||
                event.table_family != protocol_family(test.engine))
                continue;
            verdict::Record record = assemble(event, {});
            explain_xt(event, {snapshot}, record);
            const unsigned number = test.number(event);
            if (record.final() && record.table == test.table && number >= 1 && number <= packets)
                seen.emplace(number, words(record, test.method));
        }
        std::this_thread::sleep_for(pause);
    }
    const Seen wanted = expected(test.chain, test.method);
    if (seen == wanted)
        return {Outcome::passed,
                fmt::format("{} of {} verdicts as set up", seen.size(), wanted.size())};
    return {Outcome::failed, fmt::format("expected {}, saw {}", wanted, seen)};
}

TestResult run_case(const Netns& netns, Intake& intake, const Case& test) {
    TestResult result;
    try {
        result = try_packets(netns, intake, test);
    } catch (const Error& error) {
        result = {Outcome::not_possible, error.what()};
    }
    const InNetns inside(netns);
    run({.argv = {"sh", "-c", clean_up}});
    return result;
}

} // namespace

TestResult test_legacy(const Netns& netns, Intake& intake, Legacy engine, nfv_method wanted) {
    switch (engine) {
    case Legacy::iptables:
        return test_xt(netns, intake, false, wanted);
    case Legacy::ip6tables:
        return test_xt(netns, intake, true, wanted);
    case Legacy::arptables:
        if (!is_loaded("arptable_filter"))
            return {Outcome::too_early, "no table is loaded yet"};
        return run_case(
            netns, intake,
            {engine, "filter", "OUTPUT", arp_rules, ask_for, number_of_question, wanted});
    case Legacy::ebtables:
        break;
    }
    // A bridge is what makes use of the tables, and loads them with itself in no kernel.
    const bool filter = is_loaded("ebtable_filter");
    if (!is_loaded("bridge") || (!filter && !is_loaded("ebtable_nat")))
        return {Outcome::too_early, "no table is loaded yet, or no bridge"};
    const std::string table = filter ? "filter" : "nat";
    const std::string chain = filter ? "INPUT" : "PREROUTING";
    return run_case(netns, intake,
                    {engine, table, chain, fmt::format(fmt::runtime(bridge_rules), table, chain),
                     send_frame, number_of_frame, wanted});
}

} // namespace nflab::nfverdict
