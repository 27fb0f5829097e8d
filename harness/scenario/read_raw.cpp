// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/read_raw.hpp"

#include "harness/packet/build.hpp"
#include "harness/scenario/read_layer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace nflab::scenario {

namespace {

using packet::Header;

const LayerKey layer_keys[] = {
    {"ethernet", Header::ethernet, &ethernet_object}, // from the outermost on
    {"arp", Header::arp, &arp_object},
    {"ip", Header::ipv4, &ip_object},
    {"ipv6", Header::ipv6, &ipv6_object},
    {"icmp", Header::icmp, &icmp_object},
    {"icmpv6", Header::icmpv6, &icmpv6_object},
    {"tcp", Header::tcp, &tcp_object},
    {"udp", Header::udp, &udp_object},
    {"sctp", Header::sctp, &sctp_object},
};

bool is_network(Header header) {
    return header == Header::arp || header == Header::ipv4 || header == Header::ipv6;
}

std::optional<Protocol> protocol_of(Header header) {
    switch (header) {
    case Header::arp:
        return Protocol::arp;
    case Header::icmp:
    case Header::icmpv6:
        return Protocol::icmp;
    case Header::tcp:
        return Protocol::tcp;
    case Header::udp:
        return Protocol::udp;
    case Header::sctp:
        return Protocol::sctp;
    default:
        return std::nullopt;
    }
}

class RawReader {
  public:
    RawReader(Reading& reading, const Value& value, bool size_given, Send& send)
        : size_given_(size_given), reading_(reading), problems_(reading.problems),
          fields_(value, raw_object, problems_), send_(send) {}

    void read() {
        send_.to = fields_.text("to");
        read_layers();
        read_payload();
        read_fragments();
        raw_.interface = fields_.text("interface");
        // A SYN, an INIT or a question for an address carries nothing unless somebody says so.
        if (!size_given_ && send_.protocol != Protocol::icmp && send_.protocol != Protocol::udp)
            send_.size = 0;
        send_.raw = std::move(raw_);
    }

  private:
    void read_layers() {
        std::vector<const LayerKey*> keys;
        for (const LayerKey& key : layer_keys)
            if (const Value* value = fields_.get(key.name)) {
                keys.push_back(&key);
                raw_.layers.push_back(read_layer(reading_, *value, key));
            }
        if (fields_.has("hex")) {
            read_literal(keys);
            return;
        }
        check_order(keys);
        add_network_layer();
        for (const packet::Layer& layer : raw_.layers) {
            if (const auto protocol = protocol_of(layer.header))
                send_.protocol = *protocol;
            if (layer.header == Header::ipv6)
                send_.ipv6 = true;
            if (const auto port = layer.numbers.find("port"); port != layer.numbers.end())
                send_.port = static_cast<std::uint16_t>(port->second);
        }
    }

    void read_literal(const std::vector<const LayerKey*>& keys) {
        for (const LayerKey* key : keys)
            if (key->header != Header::ethernet)
                refuse(key->name, "hex");
        for (const char* other : {"payload", "payload_hex"})
            if (fields_.has(other))
                refuse(other, "hex");
        if (fields_.get("hex") == nullptr)
            return;
        raw_.whole = read_hex(reading_, {fields_.text("hex"), fields_.where("hex")});
        send_.ipv6 = !raw_.whole->empty() && raw_.whole->front() >> 4 == 6;
    }

    void refuse(std::string_view key, std::string_view beside) {
        problems_.add(fields_.where(key),
                      fmt::format("'{}' means nothing beside '{}'", key, beside),
                      "write one of them");
    }

    // One network layer and one transport, of the same family.
    void check_order(const std::vector<const LayerKey*>& keys) {
        const LayerKey* network = nullptr;
        const LayerKey* transport = nullptr;
        for (const LayerKey* key : keys) {
            if (key->header == Header::ethernet)
                continue;
            const LayerKey*& place = is_network(key->header) ? network : transport;
            if (place != nullptr)
                refuse(key->name, place->name);
            else
                place = key;
        }
        if (network != nullptr && transport != nullptr &&
            (network->header == Header::arp ||
             (transport->header == Header::icmpv6 && network->header == Header::ipv4) ||
             (transport->header == Header::icmp && network->header == Header::ipv6)))
            problems_.add(
                fields_.where(transport->name),
                fmt::format("'{}' does not stand behind '{}'", transport->name, network->name),
                "say such a thing by the IP header's protocol number and `payload_hex`");
        if (network == nullptr && transport == nullptr && !fields_.has_unknown())
            problems_.add(fields_.where(), "a raw packet of nothing",
                          "add `ip`, `ipv6`, `arp`, `icmp`, `icmpv6`, `tcp`, `udp`, `sctp` or "
                          "`hex`");
    }

    // Without one, that of the family of what it is sent to.
    void add_network_layer() {
        const bool there =
            std::any_of(raw_.layers.begin(), raw_.layers.end(),
                        [](const packet::Layer& layer) { return is_network(layer.header); });
        if (there || raw_.layers.empty())
            return;
        const bool icmpv6 = raw_.layers.back().header == Header::icmpv6;
        const auto address = Address::parse(send_.to);
        packet::Layer layer;
        layer.header = icmpv6 || (address && address->ipv6()) ? Header::ipv6 : Header::ipv4;
        const bool framed = raw_.layers.front().header == Header::ethernet;
        raw_.layers.insert(raw_.layers.begin() + (framed ? 1 : 0), std::move(layer));
    }

    void read_payload() {
        if (fields_.has("payload") && fields_.has("payload_hex"))
            refuse("payload_hex", "payload");
        if (fields_.get("payload") != nullptr) {
            const std::string text = fields_.text("payload");
            raw_.payload = packet::Bytes(text.begin(), text.end());
        } else if (fields_.get("payload_hex") != nullptr) {
            raw_.payload =
                read_hex(reading_, {fields_.text("payload_hex"), fields_.where("payload_hex")});
        }
    }

    void read_fragments() {
        constexpr int unit = 8;
        if (fields_.has("fragment_size") && fields_.has("fragments"))
            refuse("fragments", "fragment_size");
        if (const auto size = fields_.integer("fragment_size")) {
            if (*size % unit != 0)
                problems_.add(fields_.where("fragment_size"),
                              fmt::format("'fragment_size' is {}", *size),
                              "it must be a multiple of 8");
            raw_.fragment_size = static_cast<unsigned>(*size);
        }
        for (const Value& item : fields_.items("fragments"))
            raw_.pieces.push_back(read_piece(item));
        const bool arp = send_.protocol == Protocol::arp;
        if (arp && (raw_.fragment_size || !raw_.pieces.empty()))
            refuse(raw_.fragment_size ? "fragment_size" : "fragments", "arp");
    }

    packet::Piece read_piece(const Value& value) {
        const Fields fields(value, piece_object, problems_);
        packet::Piece piece;
        piece.from = static_cast<unsigned>(fields.integer("from").value_or(0));
        piece.size = static_cast<unsigned>(fields.integer("size").value_or(0));
        if (const auto offset = fields.integer("offset"))
            piece.at = static_cast<unsigned>(*offset);
        if (fields.get("more") != nullptr)
            piece.more = fields.flag("more");
        const bool given = piece.at.has_value();
        if (piece.at.value_or(piece.from) % 8 != 0)
            problems_.add(fields.where(given ? "offset" : "from"),
                          fmt::format("a fragment at byte {}", piece.at.value_or(piece.from)),
                          "fragments are counted in 8 bytes: write a multiple of 8, or say an "
                          "`offset` that is one");
        return piece;
    }

    bool size_given_;
    Reading& reading_;
    Problems& problems_;
    Fields fields_;
    Send& send_;
    RawPacket raw_;
};

} // namespace

void read_raw(Reading& reading, const Value& value, bool size_given, Send& send) {
    RawReader(reading, value, size_given, send).read();
}

} // namespace nflab::scenario
