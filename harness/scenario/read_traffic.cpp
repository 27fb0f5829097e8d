// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/read_traffic.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string_view>

namespace nflab::scenario {

namespace {

/// The one of ping, tcp and udp that stands there.
struct Target {
    Protocol protocol;
    std::string_view key;
};
constexpr Target targets[] = {
    {Protocol::icmp, "ping"}, {Protocol::tcp, "tcp"}, {Protocol::udp, "udp"}};

class TrafficReader {
  public:
    explicit TrafficReader(Reading& reading) : reading_(reading), problems_(reading.problems) {}

    Send read(const Value& value) {
        const Fields fields(value, send_object, problems_);
        Send send;
        send.where = fields.where();
        send.from = fields.text("from");
        send.count = fields.integer("count").value_or(send.count);
        send.size = fields.integer("size").value_or(send.size);
        send.interval = fields.duration("interval").value_or(send.interval);
        send.timeout = fields.duration("timeout").value_or(send.timeout);
        if (const auto port = fields.integer("port"))
            send.port = static_cast<std::uint16_t>(*port);
        if (const auto port = fields.integer("source_port"))
            send.source_port = static_cast<std::uint16_t>(*port);
        check_duration(fields, send);
        const Node* from = fields.get("from") == nullptr
                               ? nullptr
                               : require_node(reading_, {send.from, fields.where("from")});
        read_target(fields, send, from);
        return send;
    }

  private:
    void read_target(const Fields& fields, Send& send, const Node* from) {
        const Target* chosen = nullptr;
        int given = 0;
        for (const auto& target : targets) {
            if (!fields.has(target.key))
                continue;
            ++given;
            chosen = &target;
        }
        if (given == 0 && fields.has_unknown())
            return;
        if (given != 1) {
            problems_.add(fields.where(),
                          given == 0 ? "traffic without a target"
                                     : "traffic with more than one target",
                          "write exactly one of `ping`, `tcp` and `udp`");
            return;
        }
        send.protocol = chosen->protocol;
        check_ports(fields, send, chosen->key);
        send.to = fields.text(chosen->key);
        if (fields.get(chosen->key) != nullptr)
            read_family(fields, send, {send.to, fields.where(chosen->key)}, from);
    }

    void check_duration(const Fields& fields, const Send& send) {
        constexpr std::chrono::hours longest(24);
        if (send.count * (send.interval + send.timeout) > longest)
            problems_.add(fields.where("count"), "this traffic could take more than a day",
                          "choose a smaller 'count', 'interval' or 'timeout'");
    }

    void check_ports(const Fields& fields, const Send& send, std::string_view key) {
        if (send.protocol != Protocol::icmp) {
            if (!fields.has("port"))
                problems_.add(fields.where(), fmt::format("{} traffic has no 'port'", key),
                              "add `port:`");
            return;
        }
        for (const auto* other : {"port", "source_port", "listen"}) {
            if (fields.has(other))
                problems_.add(fields.where(other), fmt::format("a ping has no '{}'", other),
                              "leave it out, or send `tcp` or `udp`");
        }
    }

    void read_family(const Fields& fields, Send& send, const Text& to, const Node* from) {
        const bool wants_ipv6 = fields.text("family") == "ipv6";
        const bool wants_ipv4 = fields.text("family") == "ipv4";
        const auto address = Address::parse(to.text);
        if (address) {
            send.ipv6 = address->ipv6();
            if ((wants_ipv6 && !send.ipv6) || (wants_ipv4 && send.ipv6))
                problems_.add(
                    fields.where("family"),
                    fmt::format("{} is not an {} address", to.text, fields.text("family")),
                    "leave 'family' out: the address says it");
        } else if (const Node* node = require_node(reading_, to)) {
            send.ipv6 = wants_ipv6 ||
                        (!wants_ipv4 && !has_address(*node, false) && has_address(*node, true));
            check_family(*node, send.ipv6, to.where, "to");
        } else {
            return;
        }
        if (from != nullptr)
            check_family(*from, send.ipv6, fields.where("from"), "from");
        read_listener(fields, send, address);
    }

    void check_family(const Node& node, bool ipv6, Position where, const char* direction) {
        if (!reading_.topology_sound || has_address(node, ipv6))
            return;
        const char* family = ipv6 ? "IPv6" : "IPv4";
        problems_.add(where,
                      fmt::format("{} is sent {} '{}', which has no {} address", family, direction,
                                  node.name, family),
                      "give it one under `nodes`, or choose the other `family`");
    }

    void read_listener(const Fields& fields, Send& send, const std::optional<Address>& address) {
        if (send.protocol == Protocol::icmp)
            return;
        if (fields.get("listen") != nullptr) {
            send.listen = fields.text("listen");
            require_node(reading_, {*send.listen, fields.where("listen")});
            return;
        }
        if (!address) {
            send.listen = send.to;
            return;
        }
        for (const auto& node : reading_.scenario.nodes) {
            for (const auto& own : addresses_of(node)) {
                if (own == *address && !send.listen)
                    send.listen = node.name;
            }
        }
    }

    Reading& reading_;
    Problems& problems_;
};

} // namespace

Send read_traffic(Reading& reading, const Value& value) {
    return TrafficReader(reading).read(value);
}

} // namespace nflab::scenario
