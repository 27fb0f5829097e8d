// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <istream>
#include <map>
#include <string>

/// The kernel's packet counters, which say why a packet was dropped where nothing else does.
namespace nflab::nfverdict {

/// By name: "TcpExt.IPReversePathFilter", "Ip6InNoRoutes", "conntrack.insert_failed", …
using Counters = std::map<std::string, std::uint64_t>;

/// Two lines per group, names and values: /proc/net/snmp and /proc/net/netstat. Pure.
void parse_snmp(std::istream& in, Counters& out);
/// One name and value per line: /proc/net/snmp6 and /proc/net/xfrm_stat. Pure.
void parse_pairs(std::istream& in, Counters& out);
/// Names, then one line of hexadecimal values per CPU: /proc/net/stat/*. Sums; names become
/// "GROUP.name". Pure.
void parse_per_cpu(std::istream& in, const std::string& group, Counters& out);

/// Those of the calling thread's network namespace.
Counters read_counters();

/// How far counters have moved without a drop that accounts for it.
class CounterWatch {
  public:
    /// Adds what has been counted since the last time.
    void update(Counters now);
    /// What nobody has asked for was about something else.
    void forget() { moved_.clear(); }

    std::uint64_t moved(const std::string& name) const;
    /// One drop is accounted for.
    void take(const std::string& name);

  private:
    Counters last_;
    Counters moved_;
};

} // namespace nflab::nfverdict
