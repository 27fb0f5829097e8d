// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/read_conntrack.hpp"

#include "harness/scenario/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace nflab::scenario {

namespace {

// Documentation/networking/nf_conntrack-sysctl.rst; and nf_flow_table's two.
const std::vector<std::pair<std::string, std::string>>& timeouts() {
    static const std::vector<std::pair<std::string, std::string>> all = {
        {"generic", "nf_conntrack_generic_timeout"},
        {"icmp", "nf_conntrack_icmp_timeout"},
        {"icmpv6", "nf_conntrack_icmpv6_timeout"},
        {"udp", "nf_conntrack_udp_timeout"},
        {"udp_stream", "nf_conntrack_udp_timeout_stream"},
        {"gre", "nf_conntrack_gre_timeout"},
        {"gre_stream", "nf_conntrack_gre_timeout_stream"},
        {"tcp_syn_sent", "nf_conntrack_tcp_timeout_syn_sent"},
        {"tcp_syn_recv", "nf_conntrack_tcp_timeout_syn_recv"},
        {"tcp_established", "nf_conntrack_tcp_timeout_established"},
        {"tcp_fin_wait", "nf_conntrack_tcp_timeout_fin_wait"},
        {"tcp_close_wait", "nf_conntrack_tcp_timeout_close_wait"},
        {"tcp_last_ack", "nf_conntrack_tcp_timeout_last_ack"},
        {"tcp_time_wait", "nf_conntrack_tcp_timeout_time_wait"},
        {"tcp_close", "nf_conntrack_tcp_timeout_close"},
        {"tcp_max_retrans", "nf_conntrack_tcp_timeout_max_retrans"},
        {"tcp_unacknowledged", "nf_conntrack_tcp_timeout_unacknowledged"},
        {"sctp_closed", "nf_conntrack_sctp_timeout_closed"},
        {"sctp_cookie_wait", "nf_conntrack_sctp_timeout_cookie_wait"},
        {"sctp_cookie_echoed", "nf_conntrack_sctp_timeout_cookie_echoed"},
        {"sctp_established", "nf_conntrack_sctp_timeout_established"},
        {"sctp_shutdown_sent", "nf_conntrack_sctp_timeout_shutdown_sent"},
        {"sctp_shutdown_recd", "nf_conntrack_sctp_timeout_shutdown_recd"},
        {"sctp_shutdown_ack_sent", "nf_conntrack_sctp_timeout_shutdown_ack_sent"},
        {"sctp_heartbeat_sent", "nf_conntrack_sctp_timeout_heartbeat_sent"},
        {"flowtable_tcp", "nf_flowtable_tcp_timeout"},
        {"flowtable_udp", "nf_flowtable_udp_timeout"},
    };
    return all;
}

const std::vector<std::string>& helpers() {
    static const std::vector<std::string> all = {"amanda", "ftp",  "h323", "irc",  "netbios_ns",
                                                 "pptp",   "sane", "sip",  "snmp", "tftp"};
    return all;
}

class ConntrackReader {
  public:
    ConntrackReader(const Fields& fields, Node& node, Problems& problems)
        : fields_(fields), node_(node), problems_(problems) {}

    void read() {
        add_module("nf_conntrack");
        read_helpers();
        for (const auto& [key, name] :
             {std::pair{"max", "nf_conntrack_max"}, {"buckets", "nf_conntrack_buckets"}})
            if (const auto number = fields_.integer(key))
                set(name, std::to_string(*number));
        for (const auto& [key, name] : {std::pair{"loose", "nf_conntrack_tcp_loose"},
                                        {"liberal", "nf_conntrack_tcp_be_liberal"},
                                        {"acct", "nf_conntrack_acct"}})
            if (fields_.get(key) != nullptr)
                set(name, fields_.flag(key) ? "1" : "0");
        for (const auto& entry : fields_.entries("timeouts"))
            read_timeout(entry);
    }

  private:
    void read_helpers() {
        for (const auto& text : fields_.texts("helpers")) {
            if (std::find(helpers().begin(), helpers().end(), text.text) == helpers().end())
                problems_.add(text.where, fmt::format("unknown conntrack helper '{}'", text.text),
                              suggest(text.text, helpers()));
            else
                add_module("nf_conntrack_" + text.text);
        }
    }

    void read_timeout(const Entry& entry) {
        const auto found = std::find_if(timeouts().begin(), timeouts().end(),
                                        [&](const auto& each) { return each.first == entry.key; });
        if (found == timeouts().end()) {
            std::vector<std::string> known;
            for (const auto& [word, name] : timeouts())
                known.push_back(word);
            problems_.add(entry.where, fmt::format("unknown conntrack timeout '{}'", entry.key),
                          suggest(entry.key, known));
            return;
        }
        constexpr long most = 2'147'483;
        const auto seconds = parse_integer(entry.value.text);
        if (!seconds || *seconds < 0 || *seconds > most)
            problems_.add(entry.value.where,
                          fmt::format("timeout '{}' is no number of seconds", entry.value.text),
                          fmt::format("write a whole number from 0 to {}", most));
        else
            set(found->second, entry.value.text);
        if (entry.key.rfind("flowtable", 0) == 0)
            add_module("nf_flow_table");
    }

    void set(const std::string& name, const std::string& value) {
        node_.sysctls.emplace("net.netfilter." + name, value);
    }

    void add_module(const std::string& name) {
        if (std::find(node_.modules.begin(), node_.modules.end(), name) == node_.modules.end())
            node_.modules.push_back(name);
    }

    const Fields& fields_;
    Node& node_;
    Problems& problems_;
};

} // namespace

void read_conntrack(const Value* value, Node& node, Problems& problems) {
    if (value == nullptr)
        return;
    const Fields fields(*value, conntrack_object, problems);
    ConntrackReader(fields, node, problems).read();
}

} // namespace nflab::scenario
