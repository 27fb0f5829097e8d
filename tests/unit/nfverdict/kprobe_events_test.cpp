// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tracefs/event_format.hpp"
#include "guest/nfverdict/tracefs/jump_path.hpp"
#include "guest/nfverdict/tracefs/kprobe_definition.hpp"
#include "guest/nfverdict/tracefs/trace_page.hpp"
#include "harness/base/error.hpp"
#include "tests/catch.hpp"

#include <cstring>
#include <string>
#include <vector>

using namespace nflab::nfverdict;

namespace {

using Bytes = std::vector<std::uint8_t>;

template <typename T>
void put(Bytes& to, T value) {
    const auto* begin = reinterpret_cast<const std::uint8_t*>(&value);
    to.insert(to.end(), begin, begin + sizeof(value));
}

// Kind and time since the event before, as struct ring_buffer_event begins.
std::uint32_t head(std::uint32_t kind, std::uint32_t delta) {
    return kind | delta << 5;
}

Bytes page(std::uint64_t time, const Bytes& events, std::uint64_t flags = 0) {
    Bytes out;
    put(out, time);
    put(out, std::uint64_t{events.size()} | flags);
    out.insert(out.end(), events.begin(), events.end());
    out.resize(4096, 0xee);
    return out;
}

struct Seen {
    std::uint64_t time;
    std::size_t size;
    std::uint32_t first;
};

std::vector<Seen> events_of(const Bytes& bytes) {
    std::vector<Seen> seen;
    parse_trace_page(bytes, [&](std::uint64_t time, std::span<const std::uint8_t> event) {
        std::uint32_t first = 0;
        if (event.size() >= sizeof(first))
            std::memcpy(&first, event.data(), sizeof(first));
        seen.push_back({time, event.size(), first});
    });
    return seen;
}

constexpr const char* format_text = R"END(name: nft_verdict_812
ID: 1620
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:unsigned long __probe_ip;	offset:8;	size:8;	signed:0;
	field:u8 bytes[4];	offset:16;	size:4;	signed:0;
	field:__data_loc char[] table;	offset:20;	size:4;	signed:1;
	field:__data_loc char[] in;	offset:24;	size:4;	signed:1;

print fmt: "(%lx)", REC->__probe_ip
)END";

nfv_location reg(std::int32_t word) {
    return {NFV_REGISTER, word * 8};
}

} // namespace

TEST_CASE("a page of the trace buffer: short and long events, time extensions, padding") {
    Bytes events;
    put(events, head(2, 10)); // two words
    put(events, std::uint32_t{1});
    put(events, std::uint32_t{0});
    put(events, head(30, 5)); // 5 ns and 2^27 more
    put(events, std::uint32_t{1});
    put(events, head(0, 1)); // its length stands behind: itself and one word
    put(events, std::uint32_t{8});
    put(events, std::uint32_t{2});
    put(events, head(29, 0)); // up to the end
    put(events, std::uint32_t{0});
    const auto seen = events_of(page(1000, events));
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].time == 1010);
    CHECK(seen[0].size == 8);
    CHECK(seen[0].first == 1);
    CHECK(seen[1].time == 1016 + (1U << 27));
    CHECK(seen[1].size == 4);
    CHECK(seen[1].first == 2);
}

TEST_CASE("a page of the trace buffer: absolute times, and events that were thrown away") {
    Bytes events;
    put(events, head(31, 7)); // the time is 2 * 2^27 + 7
    put(events, std::uint32_t{2});
    put(events, head(29, 3)); // four bytes of nothing
    put(events, std::uint32_t{4});
    put(events, head(1, 1));
    put(events, std::uint32_t{9});
    // Flags about lost events stand above the size.
    const auto seen = events_of(page(5, events, 3ULL << 30));
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].time == (2ULL << 27) + 7 + 3 + 1);
    CHECK(seen[0].first == 9);
}

TEST_CASE("a page of the trace buffer that makes no sense has no events") {
    CHECK(events_of({}).empty());
    CHECK(events_of(Bytes(15)).empty());
    Bytes events;
    put(events, head(0, 1));
    put(events, std::uint32_t{5000});
    CHECK(events_of(page(0, events)).empty());
    events.clear();
    put(events, head(28, 1));
    CHECK(events_of(page(0, events)).empty());
}

TEST_CASE("fields of a trace event") {
    const EventFormat format(format_text);
    CHECK(format.id() == 1620);
    Bytes event;
    put(event, std::uint32_t{1620});
    put(event, std::int32_t{77});
    put(event, std::uint64_t{0xffffffffc0001234});
    put(event, std::uint32_t{0x04030201});
    put(event, std::uint32_t{7U << 16 | 28}); // "filter" and its NUL
    put(event, std::uint32_t{8U << 16 | 35});
    const std::string text("filter\0(fault)\0", 15);
    event.insert(event.end(), text.begin(), text.end());
    CHECK(format.number(event, "common_pid") == 77);
    CHECK(format.number(event, "__probe_ip") == 0xffffffffc0001234);
    CHECK(format.text(event, "table") == "filter");
    CHECK(format.text(event, "in").empty());
    CHECK(format.bytes(event, "bytes").size() == 4);
    CHECK(format.number(event, "missing") == 0);
    event.resize(30);
    CHECK(format.text(event, "table").empty());
    CHECK_THROWS_AS(EventFormat("no format"), nflab::Error);
}

TEST_CASE("the way of a packet through chains") {
    JumpPaths<std::string> paths;
    const JumpPaths<std::string>::Key key{1, 2, 3};
    CHECK(paths.current(key) == nullptr);
    paths.enter(key, {"base", false}, "a");
    paths.enter(key, {"a", true}, "b");
    REQUIRE(paths.current(key) != nullptr);
    CHECK(*paths.current(key) == "b");
    REQUIRE(paths.find(key)->size() == 2);
    CHECK(paths.find({1, 2, 4}) == nullptr); // another packet's, left behind
    paths.leave(key);                        // "a" was left by goto: nobody comes back to it
    CHECK(paths.current(key) == nullptr);
    paths.enter(key, {"base", false}, "a");
    paths.enter(key, {"a", false}, "b");
    paths.leave(key);
    CHECK(*paths.current(key) == "a");
    for (int i = 0; i < 20; ++i) // deeper than the kernel goes
        paths.enter(key, {"a", false}, "b");
    paths.end(key);
    CHECK(paths.find(key) == nullptr);
}

TEST_CASE("what the kernel is to fetch at a rule's verdict") {
    PacketLayout packet{};
    packet.skb_data = 208;
    packet.state_net = 32;
    packet.net_inode = 136;
    nfv_nft_layout layout{};
    layout.handle_offset = 16;
    layout.pkt_state = 32;
    layout.base_policy = 16;
    nfv_nft_site site{};
    site.rule = reg(1); // r14
    site.pkt = reg(4);  // rbp
    site.base_chain = {NFV_STACK, 24};
    site.verdict_code = -40;
    const std::string text = nft_verdict_arguments(site, layout, packet);
    CHECK(text.find(" rule=%r14:x64") != std::string::npos);
    CHECK(text.find(" rule_head=+16(%r14):x64") != std::string::npos);
    CHECK(text.find(" skb=+0(%bp):x64") != std::string::npos);
    CHECK(text.find(" data=+208(+0(%bp)):x64") != std::string::npos);
    CHECK(text.find(" netns=+136(+32(+32(%bp))):u32") != std::string::npos);
    CHECK(text.find(" code=-40(%sp):s32") != std::string::npos);
    CHECK(text.find(" policy=-16(+24(%sp)):u8") != std::string::npos);
}
