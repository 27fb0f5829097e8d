// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/record.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <type_traits>

namespace nflab::verdict {
namespace {

using nlohmann::json;

constexpr const char* rule_kind_names[] = {"rule",    "policy", "end-of-chain",
                                           "unknown", "table",  "none"};

// Two things that the members of a record can be put into: a tree, and, where thousands a second
// are written, the text itself.
class Tree {
  public:
    explicit Tree(json& out) : out_(out) { out_ = json::object(); }
    template <typename T>
    void value(const char* key, const T& value) {
        out_[key] = value;
    }
    template <typename Fill>
    void object(const char* key, const Fill& fill) {
        Tree inner(out_[key]);
        fill(inner);
    }

  private:
    json& out_;
};

class Text {
  public:
    explicit Text(std::string& out) : out_(out) { out_ += '{'; }
    template <typename T>
    void value(const char* key, const T& value) {
        name(key);
        append(value);
    }
    template <typename Fill>
    void object(const char* key, const Fill& fill) {
        name(key);
        Text inner(out_);
        fill(inner);
        inner.end();
    }
    void end() { out_ += '}'; }

  private:
    void name(const char* key) {
        out_ += first_ ? "\"" : ",\"";
        first_ = false;
        out_ += key;
        out_ += "\":";
    }

    void append(const std::string& value) {
        const auto is_plain = [](char c) {
            constexpr char first_printable = 0x20;
            constexpr char last_of_ascii = 0x7e;
            return c >= first_printable && c <= last_of_ascii && c != '"' && c != '\\';
        };
        if (std::all_of(value.begin(), value.end(), is_plain)) {
            out_ += '"';
            out_ += value;
            out_ += '"';
        } else {
            out_ += json(value).dump(-1, ' ', false, json::error_handler_t::replace);
        }
    }
    void append(const char* value) { append(std::string(value)); }
    void append(bool value) { out_ += value ? "true" : "false"; }
    template <typename T>
    requires std::is_integral_v<T>
    void append(T value) {
        std::array<char, 24> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        out_.append(digits.data(), end);
    }
    void append(const std::vector<std::string>& values) {
        char before = '[';
        for (const std::string& value : values) {
            out_ += before;
            append(value);
            before = ',';
        }
        out_ += ']';
    }

    std::string& out_;
    bool first_ = true;
};

// Empty and zero fields are left out: a record is one line of a stream that people read, too.
template <typename Out, typename T>
void put(Out& out, const char* key, const T& value) {
    if (value != T{})
        out.value(key, value);
}

template <typename T>
void get(const json& in, const char* key, T& value) {
    if (const auto found = in.find(key); found != in.end())
        found->get_to(value);
}

template <typename Out>
void put_tuple(Out& out, const char* key, const std::optional<Tuple>& tuple) {
    if (!tuple)
        return;
    out.object(key, [&](Out& object) {
        put(object, "source", tuple->source);
        put(object, "destination", tuple->destination);
        put(object, "source_port", tuple->source_port);
        put(object, "destination_port", tuple->destination_port);
    });
}

void get_tuple(const json& in, const char* key, std::optional<Tuple>& tuple) {
    const auto found = in.find(key);
    if (found == in.end())
        return;
    tuple.emplace();
    get(*found, "source", tuple->source);
    get(*found, "destination", tuple->destination);
    get(*found, "source_port", tuple->source_port);
    get(*found, "destination_port", tuple->destination_port);
}

template <typename Out>
void put_quoted(Out& out, const std::optional<QuotedPacket>& quoted) {
    if (!quoted)
        return;
    out.object("quoted", [&](Out& object) {
        put(object, "protocol", quoted->protocol);
        put(object, "source", quoted->source);
        put(object, "destination", quoted->destination);
        put(object, "source_port", quoted->source_port);
        put(object, "destination_port", quoted->destination_port);
        put(object, "icmp_id", quoted->icmp_id);
        put(object, "icmp_sequence", quoted->icmp_sequence);
        put(object, "ip_id", quoted->ip_id);
    });
}

void get_quoted(const json& in, std::optional<QuotedPacket>& quoted) {
    const auto found = in.find("quoted");
    if (found == in.end())
        return;
    quoted.emplace();
    get(*found, "protocol", quoted->protocol);
    get(*found, "source", quoted->source);
    get(*found, "destination", quoted->destination);
    get(*found, "source_port", quoted->source_port);
    get(*found, "destination_port", quoted->destination_port);
    get(*found, "icmp_id", quoted->icmp_id);
    get(*found, "icmp_sequence", quoted->icmp_sequence);
    get(*found, "ip_id", quoted->ip_id);
}

template <typename Out>
void put_packet(Out& out, const Packet& packet) {
    put(out, "family", packet.family);
    put(out, "protocol", packet.protocol);
    put(out, "source", packet.source);
    put(out, "destination", packet.destination);
    put(out, "source_port", packet.source_port);
    put(out, "destination_port", packet.destination_port);
    if (packet.icmp_type >= 0) {
        out.value("icmp_type", packet.icmp_type);
        out.value("icmp_code", packet.icmp_code);
    }
    put(out, "icmp_id", packet.icmp_id);
    put(out, "icmp_sequence", packet.icmp_sequence);
    put(out, "tcp_flags", packet.tcp_flags);
    put(out, "tcp_sequence", packet.tcp_sequence);
    put(out, "tcp_acknowledgement", packet.tcp_acknowledgement);
    put(out, "payload", packet.payload);
    put(out, "ttl", packet.ttl);
    put(out, "ip_id", packet.ip_id);
    put(out, "length", packet.length);
    put(out, "fragment_offset", packet.fragment_offset);
    put(out, "more_fragments", packet.more_fragments);
    put(out, "unread", packet.unread);
    put_quoted(out, packet.quoted);
    if (packet.stamp)
        out.object("stamp", [&](Out& object) {
            object.value("run", packet.stamp->run);
            object.value("number", packet.stamp->number);
        });
    put(out, "skb", packet.skb);
    put(out, "mark", packet.mark);
    put(out, "ethertype", packet.ethertype);
    put(out, "arp_operation", packet.arp_operation);
    put(out, "source_mac", packet.source_mac);
    put(out, "destination_mac", packet.destination_mac);
}

void get_packet(const json& in, Packet& packet) {
    get(in, "family", packet.family);
    get(in, "protocol", packet.protocol);
    get(in, "source", packet.source);
    get(in, "destination", packet.destination);
    get(in, "source_port", packet.source_port);
    get(in, "destination_port", packet.destination_port);
    get(in, "icmp_type", packet.icmp_type);
    get(in, "icmp_code", packet.icmp_code);
    get(in, "icmp_id", packet.icmp_id);
    get(in, "icmp_sequence", packet.icmp_sequence);
    get(in, "tcp_flags", packet.tcp_flags);
    get(in, "tcp_sequence", packet.tcp_sequence);
    get(in, "tcp_acknowledgement", packet.tcp_acknowledgement);
    get(in, "payload", packet.payload);
    get(in, "ttl", packet.ttl);
    get(in, "ip_id", packet.ip_id);
    get(in, "length", packet.length);
    get(in, "fragment_offset", packet.fragment_offset);
    get(in, "more_fragments", packet.more_fragments);
    get(in, "unread", packet.unread);
    get_quoted(in, packet.quoted);
    if (const auto stamp = in.find("stamp"); stamp != in.end()) {
        packet.stamp.emplace();
        get(*stamp, "run", packet.stamp->run);
        get(*stamp, "number", packet.stamp->number);
    }
    get(in, "skb", packet.skb);
    get(in, "mark", packet.mark);
    get(in, "ethertype", packet.ethertype);
    get(in, "arp_operation", packet.arp_operation);
    get(in, "source_mac", packet.source_mac);
    get(in, "destination_mac", packet.destination_mac);
}

template <typename Out>
void put_record(Out& out, const Record& record) {
    out.value("type", "verdict");
    put(out, "node", record.node);
    put(out, "netns", record.netns);
    put(out, "time_ns", record.time_ns);
    put(out, "cpu", record.cpu);
    out.object("packet", [&](Out& packet) { put_packet(packet, record.packet); });
    if (record.conntrack) {
        out.object("conntrack", [&](Out& entry) {
            put(entry, "id", record.conntrack->id);
            put(entry, "state", record.conntrack->state);
            put_tuple(entry, "original", record.conntrack->original);
            put_tuple(entry, "reply", record.conntrack->reply);
        });
    }
    put(out, "hook", record.hook);
    if (record.priority)
        out.value("priority", *record.priority);
    put(out, "in", record.in_device);
    put(out, "out", record.out_device);
    put(out, "engine", record.engine);
    put(out, "family", record.family);
    put(out, "table", record.table);
    put(out, "base_chain", record.base_chain);
    put(out, "chain", record.chain);
    out.value("rule_kind", rule_kind_names[static_cast<int>(record.rule_kind)]);
    put(out, "rule", record.rule);
    put(out, "handle", record.handle);
    put(out, "rule_text", record.rule_text);
    put(out, "comment", record.comment);
    put(out, "verdict", record.verdict);
    put(out, "target", record.target);
    put(out, "jump_path", record.jump_path);
    put(out, "element", record.element);
    put(out, "stage", record.stage);
    put(out, "reason", record.reason);
    put(out, "location", record.location);
    put(out, "function", record.function);
    put(out, "module", record.module);
    put(out, "basis", record.basis);
    put(out, "stack", record.stack);
    put(out, "method", record.method);
}

} // namespace

bool Record::final() const {
    return verdict != "continue" && verdict != "jump" && verdict != "goto" && verdict != "return";
}

void to_json(json& out, const Record& record) {
    Tree tree(out);
    put_record(tree, record);
}

void append_json(std::string& out, const Record& record) {
    Text text(out);
    put_record(text, record);
    text.end();
}

void from_json(const json& in, Record& record) {
    record = {};
    get(in, "node", record.node);
    get(in, "netns", record.netns);
    get(in, "time_ns", record.time_ns);
    get(in, "cpu", record.cpu);
    if (const auto packet = in.find("packet"); packet != in.end())
        get_packet(*packet, record.packet);
    if (const auto entry = in.find("conntrack"); entry != in.end()) {
        record.conntrack.emplace();
        get(*entry, "id", record.conntrack->id);
        get(*entry, "state", record.conntrack->state);
        get_tuple(*entry, "original", record.conntrack->original);
        get_tuple(*entry, "reply", record.conntrack->reply);
    }
    get(in, "hook", record.hook);
    if (const auto priority = in.find("priority"); priority != in.end())
        record.priority = priority->get<int>();
    get(in, "in", record.in_device);
    get(in, "out", record.out_device);
    get(in, "engine", record.engine);
    get(in, "family", record.family);
    get(in, "table", record.table);
    get(in, "base_chain", record.base_chain);
    get(in, "chain", record.chain);
    std::string kind = "unknown";
    get(in, "rule_kind", kind);
    for (std::size_t i = 0; i < std::size(rule_kind_names); ++i)
        if (kind == rule_kind_names[i])
            record.rule_kind = static_cast<RuleKind>(i);
    get(in, "rule", record.rule);
    get(in, "handle", record.handle);
    get(in, "rule_text", record.rule_text);
    get(in, "comment", record.comment);
    get(in, "verdict", record.verdict);
    get(in, "target", record.target);
    get(in, "jump_path", record.jump_path);
    get(in, "element", record.element);
    get(in, "stage", record.stage);
    get(in, "reason", record.reason);
    get(in, "location", record.location);
    get(in, "function", record.function);
    get(in, "module", record.module);
    get(in, "basis", record.basis);
    get(in, "stack", record.stack);
    get(in, "method", record.method);
}

} // namespace nflab::verdict
