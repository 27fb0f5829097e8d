// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The scenario format as data: which keys each part has, and what may stand behind them. The
/// reader checks by these tables and scenarios/schema.json is generated from them, so that an
/// editor completes exactly what the reader takes.
namespace nflab::scenario {

enum class Shape {
    text,
    integer,  ///< from minimum to maximum
    boolean,  ///< true or false
    duration, ///< a number with ms, s or m
    choice,   ///< one of choices
    texts,    ///< a text or a list of them
    text_map,
    texts_map,
    object,
    object_list,
    object_map,
    ruleset, ///< the text, or object
    rule,    ///< number or text, or object
    trace,   ///< one of choices, or object
    integer_or_choice,
    ports,      ///< a text, a list of them, or objects by name
    reply,      ///< "none" or an integer
    parameters, ///< lists by name, or a list of mappings: parameters.hpp
    range,      ///< a number, or a comparison with one: ">=3"
    wait,       ///< a duration, or object
    repeat,     ///< an integer, or object
};

struct Object;

struct Key {
    std::string_view name;
    Shape shape = Shape::text;
    bool required = false;
    std::string_view about; ///< one sentence for people, also shown by editors
    long minimum = 0;
    long maximum = 0;
    std::span<const std::string_view> choices = {};
    const Object* object = nullptr;
};

struct Object {
    std::string_view id;   ///< one word, for the schema: "node"
    std::string_view name; ///< for messages: "a node"
    std::string_view about;
    std::span<const Key> keys;
};

/// The whole file; everything else hangs below it.
extern const Object scenario_object;
extern const Object defaults_object;
extern const Object node_object;
extern const Object trace_object;
extern const Object stack_object;
extern const Object interface_object;
extern const Object link_object;
extern const Object port_object;
extern const Object conntrack_object;
extern const Object namespace_object;
extern const Object step_object;
extern const Object rulesets_object;
extern const Object ruleset_file_object;
extern const Object run_object;
extern const Object capture_object;
extern const Object repeat_object;
extern const Object during_object;
extern const Object send_object;
extern const Object raw_object;
extern const Object ethernet_object;
extern const Object arp_object;
extern const Object ip_object;
extern const Object ipv6_object;
extern const Object icmp_object;
extern const Object icmpv6_object;
extern const Object tcp_object;
extern const Object udp_object;
extern const Object sctp_object;
extern const Object piece_object;
extern const Object expectation_object;
extern const Object station_object;
extern const Object decider_object;
extern const Object rule_object;
extern const Object conntrack_entry_object;
extern const Object contents_object;
extern const Object kernel_log_object;

/// From the most urgent to the least, as in syslog(3): a word's place is its level.
constexpr std::string_view log_levels[] = {"emerg",   "alert",  "crit", "err",
                                           "warning", "notice", "info", "debug"};

/// What a snapshot holds.
constexpr std::string_view snapshot_parts[] = {"nftables", "iptables", "ip6tables", "arptables",
                                               "ebtables", "ipset",    "conntrack", "addresses",
                                               "routes",   "sysctls"};

/// Words for suggestions.
std::vector<std::string> key_names(const Object& object);

} // namespace nflab::scenario
