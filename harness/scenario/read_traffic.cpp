// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/read_traffic.hpp"

#include "harness/scenario/read_measurement.hpp"
#include "harness/scenario/read_raw.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

namespace nflab::scenario {

namespace {

/// What is sent: the one of these keys that stands there, and the keys that it may have beside
/// `from` and `count`.
struct Target {
    std::string_view key;
    Protocol protocol;
    std::initializer_list<std::string_view> others;
};
const Target targets[] = {
    {"ping", Protocol::icmp, {"size", "interval", "timeout", "family"}},
    {"tcp",
     Protocol::tcp,
     {"port", "source_port", "size", "data", "interval", "timeout", "listen", "family", "half_open",
      "close"}},
    {"udp",
     Protocol::udp,
     {"port", "source_port", "size", "data", "interval", "timeout", "listen", "family"}},
    {"sctp",
     Protocol::sctp,
     {"port", "source_port", "size", "data", "interval", "timeout", "listen", "family"}},
    {"raw", Protocol::icmp, {"size", "interval", "timeout", "listen"}},
    {"flood", Protocol::udp, {"protocol", "port", "rate", "size", "family"}},
    {"iperf3", Protocol::tcp, {"protocol", "port", "duration", "bitrate", "reverse", "family"}},
    {"pcap", Protocol::icmp, {"interface", "via", "interval"}},
};

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
            problems_.add(
                fields.where(),
                given == 0 ? "traffic without a target" : "traffic with more than one target",
                "write exactly one of `ping`, `tcp`, `udp`, `sctp`, `raw`, `flood`, `iperf3` and "
                "`pcap`");
            return;
        }
        send.protocol = chosen->protocol;
        check_keys(fields, *chosen);
        const Value* target = fields.get(chosen->key);
        if (target == nullptr)
            return;
        if (chosen->key == "pcap")
            return read_replay(reading_, fields, send);
        if (chosen->key == "raw")
            return read_raw_target(fields, send, *target, from);
        send.to = target->text;
        read_family(fields, send, {send.to, fields.where(chosen->key)}, from);
        read_what(fields, send, chosen->key);
    }

    void check_duration(const Fields& fields, const Send& send) {
        constexpr std::chrono::hours longest(24);
        if (send.count * (send.interval + send.timeout) > longest)
            problems_.add(fields.where("count"), "this traffic could take more than a day",
                          "choose a smaller 'count', 'interval' or 'timeout'");
    }

    /// Its headers say which family it is of.
    void read_raw_target(const Fields& fields, Send& send, const Value& value, const Node* from) {
        read_raw(reading_, value, fields.has("size"), send);
        const auto address = Address::parse(send.to);
        const Value* to = value.find("to");
        const Node* node = address || to == nullptr || send.to.empty()
                               ? nullptr
                               : require_node(reading_, {send.to, to->where});
        if (node != nullptr)
            check_family(*node, send.ipv6, to->where, "to");
        const bool has_source =
            std::any_of(send.raw->layers.begin(), send.raw->layers.end(),
                        [](const packet::Layer& layer) { return layer.bytes.contains("source"); });
        if (from != nullptr && !has_source && !send.raw->whole)
            check_family(*from, send.ipv6, fields.where("from"), "from");
        read_listener(fields, send, address);
        if (send.listen &&
            (!send.port || (send.protocol != Protocol::tcp && send.protocol != Protocol::udp &&
                            send.protocol != Protocol::sctp)))
            problems_.add(fields.where("listen"), "nobody can listen for such a packet",
                          "give it a `tcp` or `udp` header with a `port`");
    }

    /// Reports what means nothing for what is sent.
    void check_keys(const Fields& fields, const Target& target) {
        const auto is_target = [](std::string_view name) {
            return std::any_of(std::begin(targets), std::end(targets),
                               [&](const Target& other) { return other.key == name; });
        };
        for (const Key& key : send_object.keys) {
            const bool known = key.name == "from" || key.name == "count" || is_target(key.name) ||
                               std::find(target.others.begin(), target.others.end(), key.name) !=
                                   target.others.end();
            if (known || !fields.has(key.name))
                continue;
            std::vector<std::string_view> takers;
            for (const Target& other : targets)
                if (std::find(other.others.begin(), other.others.end(), key.name) !=
                    other.others.end())
                    takers.push_back(other.key);
            problems_.add(fields.where(key.name),
                          fmt::format("a {} has no '{}'", target.key, key.name),
                          fmt::format("leave it out, or send `{}`", fmt::join(takers, "` or `")));
        }
    }

    void read_what(const Fields& fields, Send& send, std::string_view key) {
        const bool ports = key == "tcp" || key == "udp" || key == "sctp";
        if (ports && !fields.has("port"))
            problems_.add(fields.where(), fmt::format("{} traffic has no 'port'", key),
                          "add `port:`");
        if (fields.get("data") != nullptr)
            send.data = fields.text("data");
        if (fields.has("data") && fields.has("size"))
            problems_.add(fields.where("size"), "'size' means nothing beside 'data'",
                          "write one of them");
        read_connection(fields, send);
        if (key == "flood")
            read_flood(reading_, fields, send);
        else if (key == "iperf3")
            read_iperf3(reading_, fields, send);
    }

    void read_connection(const Fields& fields, Send& send) {
        using Close = Connection::Close;
        send.connection.half_open = fields.flag("half_open");
        const std::string close = fields.text("close");
        send.connection.close = close == "rst"    ? Close::rst
                                : close == "none" ? Close::none
                                                  : Close::fin;
        for (const char* other : {"close", "data", "size"})
            if (send.connection.half_open && fields.has(other))
                problems_.add(fields.where(other),
                              fmt::format("'{}' means nothing beside 'half_open'", other),
                              "a SYN without a connection carries nothing and ends nothing");
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
        if ((send.protocol == Protocol::icmp && !send.raw) || send.flood)
            return;
        if (fields.get("listen") != nullptr) {
            send.listen = fields.text("listen");
            require_node(reading_, {*send.listen, fields.where("listen")});
            return;
        }
        // Whoever writes headers says who answers them.
        if (send.raw)
            return;
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
