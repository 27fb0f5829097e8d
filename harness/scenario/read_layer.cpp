// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/read_layer.hpp"

#include "harness/packet/fields.hpp"
#include "harness/packet/hex.hpp"
#include "harness/scenario/suggest.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace nflab::scenario {

namespace {

using packet::Header;

struct Word {
    std::string_view word;
    std::uint32_t number;
};

// RFC 826, RFC 792, RFC 4443, RFC 4861, RFC 9293.
constexpr Word operation_words[] = {{"request", 1}, {"reply", 2}};
constexpr Word type_words[] = {{"echo-reply", 0}, {"unreachable", 3},     {"redirect", 5},
                               {"echo", 8},       {"time-exceeded", 11},  {"parameter-problem", 12},
                               {"timestamp", 13}, {"timestamp-reply", 14}};
constexpr Word type6_words[] = {
    {"unreachable", 1},       {"too-big", 2},         {"time-exceeded", 3},
    {"parameter-problem", 4}, {"echo", 128},          {"echo-reply", 129},
    {"router-solicit", 133},  {"router-advert", 134}, {"neighbour-solicit", 135},
    {"neighbour-advert", 136}};
constexpr Word flag_words[] = {{"none", 0},   {"fin", 0x01}, {"syn", 0x02},
                               {"rst", 0x04}, {"psh", 0x08}, {"ack", 0x10},
                               {"urg", 0x20}, {"ece", 0x40}, {"cwr", 0x80}};

template <std::size_t Size>
const Word* find(const Word (&words)[Size], std::string_view text) {
    const auto* found = std::find_if(std::begin(words), std::end(words),
                                     [&](const Word& each) { return each.word == text; });
    return found == std::end(words) ? nullptr : found;
}

const Word* find_word(Header header, std::string_view text) {
    if (header == Header::arp)
        return find(operation_words, text);
    return header == Header::icmpv6 ? find(type6_words, text) : find(type_words, text);
}

class LayerReader {
  public:
    LayerReader(Reading& reading, const Value& value, const LayerKey& key)
        : reading_(reading), key_(key), fields_(value, *key.object, reading.problems) {}

    packet::Layer read() {
        layer_.header = key_.header;
        for (const Key& key : key_.object->keys) {
            const Value* value = fields_.get(key.name);
            if (value != nullptr)
                read_field(key, *value);
        }
        check_units();
        return std::move(layer_);
    }

  private:
    void read_field(const Key& key, const Value& value) {
        const std::string name(key.name);
        switch (key.shape) {
        case Shape::integer:
            layer_.numbers[name] = number(value.text);
            break;
        case Shape::boolean:
            layer_.numbers[name] = value.text == "true" ? 1 : 0;
            break;
        case Shape::integer_or_choice:
            if (value.text == "bad")
                layer_.bad_checksum = true;
            else if (const Word* word = find_word(key_.header, value.text))
                layer_.numbers[name] = word->number;
            else
                layer_.numbers[name] = number(value.text);
            break;
        case Shape::texts:
            layer_.numbers[name] = read_flags(value);
            break;
        default:
            read_bytes(name, {value.text, value.where});
        }
    }

    static std::uint32_t number(const std::string& text) {
        return static_cast<std::uint32_t>(parse_integer(text).value_or(0));
    }

    std::uint32_t read_flags(const Value& value) {
        std::uint32_t flags = 0;
        for (const Text& text : texts_of(value)) {
            if (const Word* word = find(flag_words, text.text)) {
                flags |= word->number;
                continue;
            }
            std::vector<std::string> known;
            for (const Word& each : flag_words)
                known.emplace_back(each.word);
            reading_.problems.add(text.where, fmt::format("unknown TCP flag '{}'", text.text),
                                  suggest(text.text, known));
        }
        return flags;
    }

    void read_bytes(const std::string& name, const Text& text) {
        const auto addresses = packet::shape_of(key_.header).addresses;
        const auto address =
            std::find_if(addresses.begin(), addresses.end(),
                         [&](const packet::BytesField& field) { return field.name == name; });
        if (address == addresses.end()) {
            layer_.bytes[name] = read_hex(reading_, text);
            check_options(name, text);
        } else if (address->size == 6) {
            layer_.bytes[name] = read_mac(text);
        } else if (const auto host = read_host(reading_, text, address->size == 16)) {
            packet::Bytes bytes(address->size);
            ::inet_pton(host->ipv6() ? AF_INET6 : AF_INET, host->text().c_str(), bytes.data());
            layer_.bytes[name] = std::move(bytes);
        }
    }

    packet::Bytes read_mac(const Text& text) {
        constexpr std::size_t size = 6;
        const auto bytes = packet::from_hex(text.text);
        if (bytes && bytes->size() == size)
            return *bytes;
        reading_.problems.add(text.where, fmt::format("'{}' is not a MAC address", text.text),
                              "write six bytes, as in \"02:00:00:00:00:07\"");
        return {};
    }

    void check_options(const std::string& name, const Text& text) {
        constexpr std::size_t most = 40; // a header has at most 15 words, 5 of them fixed
        if (name == "options" && layer_.bytes[name].size() > most)
            reading_.problems.add(text.where,
                                  fmt::format("{} bytes of options", layer_.bytes[name].size()),
                                  fmt::format("a header has room for {}", most));
    }

    void check_units() {
        for (const packet::NumberField& field : packet::shape_of(key_.header).numbers) {
            const auto value = layer_.numbers.find(std::string(field.name));
            if (value != layer_.numbers.end() && value->second % field.unit != 0)
                reading_.problems.add(fields_.where(field.name),
                                      fmt::format("'{}' is {}", field.name, value->second),
                                      fmt::format("it must be a multiple of {}", field.unit));
        }
    }

    Reading& reading_;
    const LayerKey& key_;
    Fields fields_;
    packet::Layer layer_;
};

} // namespace

packet::Layer read_layer(Reading& reading, const Value& value, const LayerKey& key) {
    return LayerReader(reading, value, key).read();
}

packet::Bytes read_hex(Reading& reading, const Text& text) {
    auto bytes = packet::from_hex(text.text);
    if (bytes && !bytes->empty())
        return std::move(*bytes);
    reading.problems.add(text.where, fmt::format("'{}' is not hexadecimal", text.text),
                         "write pairs of the digits 0-9 and a-f, such as \"45 00\"");
    return {};
}

std::optional<Address> read_host(Reading& reading, const Text& text, bool ipv6) {
    const char* family = ipv6 ? "IPv6" : "IPv4";
    if (const auto address = Address::parse(text.text)) {
        if (address->ipv6() == ipv6)
            return address;
        reading.problems.add(text.where, fmt::format("{} is not an {} address", text.text, family),
                             "write one of the header's family");
        return std::nullopt;
    }
    const Node* node = require_node(reading, text);
    if (node == nullptr)
        return std::nullopt;
    for (const Address& address : addresses_of(*node))
        if (address.ipv6() == ipv6)
            return address;
    if (reading.topology_sound)
        reading.problems.add(text.where,
                             fmt::format("node '{}' has no {} address", text.text, family),
                             "give it one under `nodes`, or write an address");
    return std::nullopt;
}

} // namespace nflab::scenario
