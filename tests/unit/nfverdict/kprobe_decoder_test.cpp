// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/legacy/legacy_api.hpp"
#include "guest/nfverdict/tracefs/kprobe_decoder.hpp"
#include "guest/nfverdict/tracefs/kprobe_definition.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

using namespace nflab::nfverdict;

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t packet_address = 0xffff888001000000;
constexpr std::uint64_t standard_target = 0xffffffffc0200180;
constexpr std::uint64_t entries = 0xffffc90000400000;

/// Writes an event of tracefs, and what its format file says of it.
class Event {
  public:
    Event& number(const char* name, std::uint64_t value) {
        Bytes bytes(sizeof(value));
        std::memcpy(bytes.data(), &value, sizeof(value));
        return field(name, bytes);
    }
    Event& field(const char* name, const Bytes& bytes) {
        format_ += fmt::format("\tfield:u8 {}[{}];\toffset:{};\tsize:{};\tsigned:0;\n", name,
                               bytes.size(), bytes_.size(), bytes.size());
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
        return *this;
    }
    Event& text(const char* name, const std::string& value) {
        texts_.emplace_back(name, value);
        return *this;
    }
    std::optional<nfv_event> put(KprobeDecoder& decoder, KprobeKind kind, std::size_t site = 0,
                                 std::uint64_t time = 1000) {
        for (const auto& [name, value] : texts_) {
            // The text stands behind its place, in a field of its own.
            const std::uint32_t at = static_cast<std::uint32_t>(bytes_.size()) + 4;
            const std::uint32_t where = static_cast<std::uint32_t>(value.size() + 1) << 16 | at;
            Bytes place(sizeof(where));
            std::memcpy(place.data(), &where, sizeof(where));
            field(name, place);
            bytes_.insert(bytes_.end(), value.begin(), value.end());
            bytes_.push_back(0);
        }
        const EventFormat format("ID: 7\n" + format_);
        return decoder.next({kind, site, time, 0, &format, bytes_});
    }

  private:
    std::string format_;
    Bytes bytes_;
    std::vector<std::pair<const char*, std::string>> texts_;
};

// A UDP datagram from 10.0.0.1 to 10.0.0.2, whose data begins at its IP header.
Bytes datagram() {
    Bytes out(NFV_HEADER);
    const Bytes header{0x45, 0, 0, 28, 0x12, 0x34, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};
    std::ranges::copy(header, out.begin());
    return out;
}

Event& packet(Event& event, std::uint64_t skb = packet_address) {
    constexpr std::uint64_t head = 0xffff888002000000;
    return event.number("skb", skb)
        .number("length", 28)
        .number("protocol", 0x0008)
        .number("head", head)
        .number("data", head + 64)
        .number("network_header", 64);
}

Event walked() {
    Event event;
    packet(event)
        .field("bytes", datagram())
        .number("hook", NF_BR_LOCAL_IN)
        .number("pf", NFPROTO_BRIDGE);
    return event;
}

Event entered() {
    Event event;
    return event.number("skb", packet_address)
        .number("walked", 0xffff888003000000)
        .number("entries", entries)
        .text("table", "filter");
}

// struct ebt_entry with a target and its verdict behind it.
Bytes ebt_entry_bytes(std::uint64_t target, std::int32_t verdict) {
    Bytes out(kprobe_entry_size);
    const std::uint32_t offset = sizeof(ebt_entry);
    std::memcpy(out.data() + offsetof(ebt_entry, target_offset), &offset, sizeof(offset));
    std::memcpy(out.data() + offset, &target, sizeof(target));
    std::memcpy(out.data() + offset + offsetof(ebt_standard_target, verdict), &verdict,
                sizeof(verdict));
    return out;
}

std::optional<nfv_event> ebt_match(KprobeDecoder& decoder, std::uint32_t offset,
                                   std::int32_t verdict, std::uint64_t target = standard_target) {
    return walked()
        .number("entry_address", entries + offset)
        .field("entry", ebt_entry_bytes(target, verdict))
        .field("entry_rest", Bytes(kprobe_entry_size))
        .put(decoder, KprobeKind::ebt_matched);
}

Event freed(std::uint64_t skb = packet_address, std::uint64_t location = 0xffffffff81000100) {
    Bytes around(kprobe_around_lead);
    std::ranges::copy(datagram(), std::back_inserter(around));
    Event event;
    packet(event, skb)
        .field("around", around)
        .number("device", 0xffff888004000000)
        .number("device_netns", 99)
        .text("device_name", "eth0")
        .number("location", location)
        .number("reason", 2);
    return event;
}

Event hooked(std::uint64_t function, unsigned netns = 77) {
    Bytes header = datagram();
    header.resize(kprobe_identity_size);
    Event event;
    event.number("__probe_ip", function)
        .number("skb", packet_address)
        .number("hook", NF_INET_FORWARD)
        .number("pf", NFPROTO_IPV4)
        .number("netns", netns)
        .field("headers", header)
        .text("in", "eth1")
        .text("out", "eth2");
    return event;
}

KprobeDecoder decoder_for(bool all = false) {
    nfv_config config{};
    config.all = all;
    KprobeDecoder decoder(config);
    decoder.know_ebt_standard_target(standard_target);
    return decoder;
}

} // namespace

TEST_CASE("ebtables by kprobe events: the table of the entry, the way, a policy") {
    KprobeDecoder decoder = decoder_for();
    entered().put(decoder, KprobeKind::ebt_entered);
    CHECK_FALSE(ebt_match(decoder, 48, 400)); // jumps to the chain at 400
    const auto policy = walked()
                            .number("entry_address", entries + 400)
                            .number("policy", static_cast<std::uint32_t>(EBT_DROP))
                            .put(decoder, KprobeKind::ebt_policy);
    REQUIRE(policy);
    CHECK(policy->kind == NFV_XT_POLICY);
    CHECK(policy->verdict == EBT_DROP);
    CHECK(policy->entry == 400);
    CHECK(policy->table_family == NFPROTO_BRIDGE);
    CHECK(std::string(policy->table) == "filter");
    REQUIRE(policy->path_length == 1);
    CHECK(policy->path[0] == 48);
    // The verdict has ended the way.
    const auto accept = ebt_match(decoder, 100, EBT_ACCEPT);
    REQUIRE(accept);
    CHECK(accept->path_length == 0);
    CHECK(accept->kind == NFV_XT_STANDARD);
    CHECK(decoder.incomplete() == 0);
}

TEST_CASE("ebtables by kprobe events: a target that is no standard one waits for its result") {
    KprobeDecoder decoder = decoder_for();
    entered().put(decoder, KprobeKind::ebt_entered);
    // Its verdict stands where the standard target's does, and means nothing yet.
    CHECK_FALSE(ebt_match(decoder, 48, EBT_DROP, standard_target + 0x4000));
    Event result;
    const auto event = result.number("skb", packet_address)
                           .number("result", static_cast<std::uint32_t>(EBT_ACCEPT))
                           .put(decoder, KprobeKind::ebt_result);
    REQUIRE(event);
    CHECK(event->kind == NFV_XT_TARGET);
    CHECK(event->verdict == EBT_ACCEPT);
    CHECK(event->entry == 48);
    // A standard target's result may pass there, too.
    Event another;
    CHECK_FALSE(another.number("skb", packet_address).put(decoder, KprobeKind::ebt_result));
    CHECK(decoder.incomplete() == 0);
}

TEST_CASE("a table whose entry was missed is counted and not told") {
    KprobeDecoder decoder = decoder_for();
    CHECK_FALSE(ebt_match(decoder, 48, EBT_DROP));
    CHECK(decoder.incomplete() == 1);
}

TEST_CASE("a drop without a rule, and one that a rule has told") {
    KprobeDecoder decoder = decoder_for();
    const auto drop = freed().put(decoder, KprobeKind::dropped);
    REQUIRE(drop);
    CHECK(drop->kind == NFV_DROP);
    CHECK(drop->reason == 2);
    CHECK(drop->netns == 99);
    CHECK(std::string(drop->chain) == "eth0");
    CHECK(drop->header_length == 28);
    CHECK(drop->header[9] == 17);
    CHECK_FALSE(drop->has_state);

    entered().put(decoder, KprobeKind::ebt_entered);
    REQUIRE(ebt_match(decoder, 48, EBT_DROP));
    CHECK_FALSE(freed().put(decoder, KprobeKind::dropped));
    CHECK(freed().put(decoder, KprobeKind::dropped)); // its sk_buff is another packet's
    REQUIRE(ebt_match(decoder, 48, EBT_DROP));
    CHECK(freed().put(decoder, KprobeKind::dropped, 0, 2'000'000'000)); // too late to be that one
    REQUIRE(ebt_match(decoder, 48, EBT_DROP));
    CHECK(freed(packet_address + 256).put(decoder, KprobeKind::dropped));
}

TEST_CASE("what broute drops is routed, and may be dropped by something else") {
    KprobeDecoder decoder = decoder_for();
    entered().put(decoder, KprobeKind::ebt_entered);
    Event event;
    REQUIRE(packet(event)
                .field("bytes", datagram())
                .number("hook", NF_BR_BROUTING)
                .number("pf", NFPROTO_BRIDGE)
                .number("entry_address", entries + 48)
                .field("entry", ebt_entry_bytes(standard_target, EBT_DROP))
                .field("entry_rest", Bytes(kprobe_entry_size))
                .put(decoder, KprobeKind::ebt_matched));
    CHECK(freed().put(decoder, KprobeKind::dropped));
}

TEST_CASE("the hook of a drop is the one whose function freed the packet") {
    constexpr std::uint64_t function = 0xffffffff81839ee0;
    KprobeDecoder decoder = decoder_for();
    hooked(function).put(decoder, KprobeKind::hook);
    const auto within = freed(packet_address, function + 0x71).put(decoder, KprobeKind::dropped);
    REQUIRE(within);
    CHECK(within->has_state);
    CHECK(within->hook == NF_INET_FORWARD);
    CHECK(within->netns == 77);
    CHECK(std::string(within->in) == "eth1");
    CHECK(std::string(within->out) == "eth2");
    const auto elsewhere = freed(packet_address, function - 0x71).put(decoder, KprobeKind::dropped);
    REQUIRE(elsewhere);
    CHECK_FALSE(elsewhere->has_state);
    CHECK(elsewhere->netns == 99);
}

TEST_CASE(
    "before event probes: kfree_skb tells what the packet was, its tracepoint that it is gone") {
    KprobeDecoder decoder = decoder_for();
    const auto tracepoint = [&] {
        Event event;
        return event.number("skbaddr", packet_address)
            .number("location", 0xffffffff81000100)
            .put(decoder, KprobeKind::freed);
    };
    CHECK_FALSE(freed().put(decoder, KprobeKind::freeing));
    const auto drop = tracepoint();
    REQUIRE(drop);
    CHECK(drop->location == 0xffffffff81000100);
    CHECK(drop->netns == 99);
    CHECK_FALSE(tracepoint());
    CHECK(decoder.incomplete() == 1);
}

TEST_CASE("the namespace of a packet that has left its device is that of its last hook") {
    KprobeDecoder decoder = decoder_for();
    hooked(0xffffffff81839ee0).put(decoder, KprobeKind::hook);
    const auto without_device = [&](const Bytes& header) {
        Bytes around(kprobe_around_lead);
        std::ranges::copy(header, std::back_inserter(around));
        Event event;
        return packet(event)
            .field("around", around)
            .number("device", 0x0101002400000300) // lengths, in a socket's queue
            .number("location", 0xffffffff81000100)
            .put(decoder, KprobeKind::dropped);
    };
    const auto drop = without_device(datagram());
    REQUIRE(drop);
    CHECK(drop->netns == 77);
    Bytes other = datagram();
    other[5] = 0x35; // another datagram in the same sk_buff
    CHECK_FALSE(without_device(other));
}
