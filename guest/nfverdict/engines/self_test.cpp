// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/engines/self_test.hpp"

#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/kernel/module_file.hpp"
#include "guest/nfverdict/nft/nft_batch.hpp"
#include "guest/nfverdict/nft/nft_netlink.hpp"
#include "guest/nfverdict/records/assemble.hpp"
#include "guest/nfverdict/records/explain_nft.hpp"
#include "guest/nfverdict/records/explain_xt.hpp"
#include "guest/nfverdict/rulesets/snapshot.hpp"
#include "harness/base/error.hpp"
#include "harness/base/unique_fd.hpp"
#include "harness/process/command.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

namespace nflab::nfverdict {
namespace {

using Outcome = TestResult::Outcome;

constexpr std::uint16_t first_port = 40001;

/// What is to be seen of the packet to one port.
struct Expectation {
    std::size_t index; ///< of the port
    std::string verdict;
    const char* kind; ///< "rule" or "policy"
    std::uint64_t rule;
    std::string chain;
};

struct Expected {
    const char* hook;
    const char* engine;
    std::string table;
    std::string base_chain;
    std::vector<Expectation> packets;
};

// False when there is no way to send at all; a packet that is refused or dropped has been sent.
bool send_datagram(bool ipv6, std::uint16_t port) {
    const UniqueFd socket(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    constexpr char byte = 'n';
    ssize_t size = 0;
    if (ipv6) {
        sockaddr_in6 to{};
        to.sin6_family = AF_INET6;
        to.sin6_addr = in6addr_loopback;
        to.sin6_port = htons(port);
        size =
            ::sendto(socket.get(), &byte, 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
    } else {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        to.sin_port = htons(port);
        size =
            ::sendto(socket.get(), &byte, 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
    }
    return size == 1 || errno == EPERM || errno == ECONNREFUSED;
}

// A record in words. `whole`: of a table or base chain, whose rules are not seen.
std::string describe(const verdict::Record& record, bool whole) {
    const std::string where =
        fmt::format("udp port {} at {} of {} {}", record.packet.destination_port, record.hook,
                    record.engine, record.table);
    if (whole)
        return fmt::format("{}: {} by chain {}", where, record.verdict, record.base_chain);
    const char* kind = record.rule_kind == verdict::RuleKind::policy ? "policy" : "rule";
    return fmt::format("{}: {} by {} {} of chain {}", where, record.verdict, kind, record.rule,
                       record.chain);
}

// The same of what is expected.
std::vector<std::string> in_words(const Expected& wanted, bool whole) {
    std::vector<std::string> words;
    for (const Expectation& each : wanted.packets) {
        verdict::Record record;
        record.packet.destination_port = static_cast<std::uint16_t>(first_port + each.index);
        record.hook = wanted.hook;
        record.engine = wanted.engine;
        record.table = wanted.table;
        record.base_chain = wanted.base_chain;
        record.chain = each.chain;
        record.rule = each.rule;
        record.rule_kind = std::string_view(each.kind) == "policy" ? verdict::RuleKind::policy
                                                                   : verdict::RuleKind::rule;
        // REJECT is a drop to the table that it stands in.
        record.verdict = whole && each.verdict == "reject" ? "drop" : each.verdict;
        words.push_back(describe(record, whole));
    }
    return words;
}

bool counts(const verdict::Record& record, const char* hook) {
    return record.final() && record.hook == hook && record.packet.protocol == IPPROTO_UDP;
}

/// Sends one packet per expectation and compares what is seen of them.
TestResult compare(const Netns& netns, bool ipv6, const Expected& expected,
                   const SeenRecords& records, bool whole) {
    constexpr std::chrono::milliseconds limit{1000};
    constexpr std::chrono::milliseconds pause{5};
    const std::vector<std::string> wanted = in_words(expected, whole);
    records();
    {
        const InNetns inside(netns);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (!send_datagram(ipv6, static_cast<std::uint16_t>(first_port + i)))
                return {Outcome::not_possible,
                        fmt::format("cannot send to {}: {}", ipv6 ? "::1" : "127.0.0.1",
                                    std::strerror(errno))};
    }
    std::vector<std::string> seen;
    const auto end = std::chrono::steady_clock::now() + limit;
    while (true) {
        for (const verdict::Record& record : records())
            if (counts(record, expected.hook) && record.table == expected.table)
                seen.push_back(describe(record, whole));
        if (seen.size() >= wanted.size() || std::chrono::steady_clock::now() > end)
            break;
        std::this_thread::sleep_for(pause);
    }
    if (seen == wanted)
        return {Outcome::passed,
                fmt::format("{} of {} verdicts as set up", seen.size(), wanted.size())};
    return {Outcome::failed,
            fmt::format("expected [{}], saw [{}]", fmt::join(wanted, "; "), fmt::join(seen, "; "))};
}

/// Of the events of one method, those of which `to_record` makes a record.
template <typename ToRecord>
SeenRecords seen_by(Intake& intake, nfv_method wanted, const ToRecord& to_record) {
    return [&intake, wanted, to_record] {
        std::vector<verdict::Record> records;
        intake.pump();
        for (const nfv_event& event : intake.take_private())
            if (auto record = event.method == wanted ? to_record(event) : std::nullopt)
                records.push_back(std::move(*record));
        return records;
    };
}

constexpr const char* test_table = "nfverdict_test";

// chain incoming { type filter hook input priority 300; policy drop;
//                  udp dport 40001 counter; udp dport 40001 accept; udp dport 40002 drop;
//                  udp dport 40003 jump beyond; }
// chain beyond { udp dport 40003 drop; }
// Behind all tables of legacy iptables, whose test comes later and in the same namespace.
NftHandles set_up_nft_rules() {
    constexpr int priority = 300;
    NftBatch batch;
    batch.add_table(test_table);
    batch.add_chain(test_table, "beyond");
    batch.add_rule(test_table, "beyond", {.udp_port = first_port + 2, .verdict = NF_DROP});
    batch.add_input_chain(test_table, "incoming", priority, NF_DROP);
    batch.add_rule(test_table, "incoming", {.udp_port = first_port, .counter = true});
    batch.add_rule(test_table, "incoming", {.udp_port = first_port, .verdict = NF_ACCEPT});
    batch.add_rule(test_table, "incoming", {.udp_port = first_port + 1, .verdict = NF_DROP});
    batch.add_rule(test_table, "incoming",
                   {.udp_port = first_port + 2, .verdict = NFT_JUMP, .jump_to = "beyond"});
    batch.commit();
    return read_handles(test_table);
}

std::shared_ptr<const NftSnapshot> snapshot_of(const NftHandles& handles) {
    NftTable table;
    table.family = "ip";
    table.name = test_table;
    for (const NftHandles::Chain& each : handles.chains) {
        NftChain chain{each.name, each.handle, each.name == "incoming", {}};
        for (const std::uint64_t rule : each.rules)
            chain.rules.push_back({rule, {}, {}});
        table.chains.push_back(std::move(chain));
    }
    auto snapshot = std::make_shared<NftSnapshot>();
    snapshot->listing.tables.push_back(std::move(table));
    snapshot->code = read_nft_code();
    return snapshot;
}

const char* const xt_tables[] = {"filter", "mangle", "security", "raw"};

std::string loaded_table(bool ipv6) {
    for (const char* table : xt_tables)
        if (is_loaded(fmt::format("{}table_{}", ipv6 ? "ip6" : "ip", table)))
            return table;
    return {};
}

} // namespace

NftTest::NftTest(const Netns& netns) : netns_(netns) {
    try {
        const InNetns inside(netns);
        snapshot_ = snapshot_of(set_up_nft_rules());
    } catch (const Error& error) {
        obstacle_ = error.what();
    }
}

TestResult NftTest::run(Intake& intake, nfv_method wanted) {
    const auto to_record = [this](const nfv_event& event) -> std::optional<verdict::Record> {
        if (event.ruleset != NFV_RULESET_NFT)
            return {};
        verdict::Record record = assemble(event, {});
        explain_nft(event, {snapshot_}, record);
        return record;
    };
    return compare_verdicts(seen_by(intake, wanted, to_record), wanted == NFV_FEXIT);
}

TestResult NftTest::run_whole(const SeenRecords& seen) {
    return compare_verdicts(seen, true);
}

TestResult NftTest::compare_verdicts(const SeenRecords& seen, bool whole) {
    if (!snapshot_)
        return {Outcome::not_possible, obstacle_};
    const NftTable* table = snapshot_->listing.table("ip", test_table);
    if (!table || table->chains.size() != 2 || table->chains[0].rules.size() != 1 ||
        table->chains[1].rules.size() != 4)
        return {Outcome::not_possible, "nf_tables does not list the rules that it was given"};
    const auto& beyond = table->chains[0].rules;
    const auto& incoming = table->chains[1].rules;
    return compare(netns_, false,
                   {"input",
                    "nft",
                    test_table,
                    "incoming",
                    {{0, "accept", "rule", incoming[1].handle, "incoming"},
                     {1, "drop", "rule", incoming[2].handle, "incoming"},
                     {2, "drop", "rule", beyond[0].handle, "beyond"},
                     {3, "drop", "policy", 0, "incoming"}}},
                   seen, whole);
}

std::string NftTest::run_passed(Intake& intake) {
    constexpr std::chrono::milliseconds limit{1000};
    constexpr std::chrono::milliseconds pause{5};
    const NftTable* table = snapshot_ ? snapshot_->listing.table("ip", "nfverdict_test") : nullptr;
    if (!table || table->chains.size() != 2 || table->chains[1].rules.empty())
        throw Error(Failure::lab, obstacle_);
    const std::uint64_t handle = table->chains[1].rules.front().handle;
    intake.pump();
    intake.take_private();
    {
        const InNetns inside(netns_);
        send_datagram(false, first_port);
    }
    const auto end = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < end) {
        intake.pump();
        for (const nfv_event& event : intake.take_private())
            if (event.kind == NFV_NFT_PASSED && event.rule == handle)
                return "a rule that goes on seen";
        std::this_thread::sleep_for(pause);
    }
    throw Error(Failure::lab, "the kernel told nothing of a counter rule that was passed");
}

namespace {

/// Rules of one table, and what they are to do.
struct XtCase {
    Expected expected;
    std::string rules; ///< as for iptables-restore
};

XtCase xt_case(const std::string& table, bool ipv6) {
    const bool raw = table == "raw";
    const char* chain = raw ? "PREROUTING" : "INPUT";
    const bool with_reject = table == "filter";
    // iptables does not let the nat table drop.
    const char* const last = table == "nat" ? "ACCEPT" : "DROP";
    const char* const decision = table == "nat" ? "accept" : "drop";
    // REJECT answers with a packet of its own, through the same function, before it returns.
    XtCase out;
    out.rules = fmt::format("*{0}\n:{1} {2} [0:0]\n:beyond - [0:0]\n"
                            "-A {1} -p udp --dport 40001 -j ACCEPT\n"
                            "-A {1} -p udp --dport 40002 -j {2}\n"
                            "-A {1} -p udp --dport 40003 -j beyond\n"
                            "{3}"
                            "-A beyond -p udp -j {2}\nCOMMIT\n",
                            table, chain, last,
                            with_reject ? "-A INPUT -p udp --dport 40005 -j REJECT\n" : "");
    out.expected = {raw ? "prerouting" : "input",
                    ipv6 ? "ip6tables" : "iptables",
                    table,
                    chain,
                    {{0, "accept", "rule", 1, chain},
                     {1, decision, "rule", 2, chain},
                     {2, decision, "rule", 1, "beyond"},
                     {3, decision, "policy", 0, chain}}};
    if (with_reject)
        out.expected.packets.push_back({4, "reject", "rule", 4, chain});
    return out;
}

/// Sets the rules up, lets `seen` make records with the table as it then is, and compares.
template <typename Seen>
TestResult try_xt(const Netns& netns, bool ipv6, bool whole, const Seen& seen) {
    const std::string table = loaded_table(ipv6);
    if (table.empty())
        return {Outcome::too_early, "no table is loaded yet"};
    const XtCase test = xt_case(table, ipv6);
    auto snapshot = std::make_shared<XtSnapshot>();
    try {
        const InNetns inside(netns);
        // The lock is the machine's, not the namespace's: taking it could fail somebody else's run.
        output_of({.argv = {ipv6 ? "ip6tables-legacy-restore" : "iptables-legacy-restore"},
                   .input = test.rules,
                   .environment = {{"XTABLES_LOCKFILE", "/dev/null"}}});
        *snapshot = read_xt(ipv6 ? Legacy::ip6tables : Legacy::iptables, table);
    } catch (const Error& error) {
        return {Outcome::not_possible, error.what()};
    }
    TestResult result = compare(netns, ipv6, test.expected, seen(snapshot), whole);
    if (table != "filter" && result.outcome == Outcome::passed)
        result.detail += "; a target's own verdict was not exercised";
    return result;
}

} // namespace

TestResult test_xt(const Netns& netns, Intake& intake, bool ipv6, nfv_method wanted) {
    return try_xt(
        netns, ipv6, wanted == NFV_FEXIT, [&](const std::shared_ptr<const XtSnapshot>& snapshot) {
            return seen_by(
                intake, wanted,
                [snapshot, ipv6](const nfv_event& event) -> std::optional<verdict::Record> {
                    const bool is_ipv6 = event.table_family == NFPROTO_IPV6;
                    if (event.ruleset != NFV_RULESET_XT || is_ipv6 != ipv6)
                        return {};
                    verdict::Record record = assemble(event, {});
                    explain_xt(event, {snapshot}, record);
                    return record;
                });
        });
}

TestResult test_whole_xt(const Netns& netns, bool ipv6, const SeenRecords& seen) {
    return try_xt(netns, ipv6, true,
                  [&](const std::shared_ptr<const XtSnapshot>&) { return seen; });
}

} // namespace nflab::nfverdict
