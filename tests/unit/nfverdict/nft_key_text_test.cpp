// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/nft/nft_key_text.hpp"
#include "tests/catch.hpp"

#include <algorithm>

using namespace nflab::nfverdict;
using Bytes = std::vector<std::uint8_t>;
using Texts = std::vector<std::string>;

namespace {

// nft's numbers for the types, see nft_datatype.cpp.
constexpr std::uint32_t ipv4_addr = 7;
constexpr std::uint32_t inet_proto = 12;
constexpr std::uint32_t inet_service = 13;
constexpr std::uint32_t mark = 19;
constexpr std::uint32_t iface_index = 20;
constexpr std::uint32_t ct_state = 26;
constexpr std::uint32_t ifname = 41;

const NftMapElement dropping{};

NftVerdictMap map_of(std::uint32_t type, std::size_t size, bool interval = false) {
    NftVerdictMap map;
    map.key_type = type;
    map.key_size = size;
    map.interval = interval;
    return map;
}

bool has(const Texts& texts, const std::string& text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
}

Texts texts(std::uint32_t type, const Bytes& first, const Bytes& last, bool interval = false) {
    return key_texts(map_of(type, first.size(), interval), {&dropping, first, last}, {{3, "eth1"}});
}

Texts texts(std::uint32_t type, const Bytes& key) {
    return texts(type, key, key);
}

} // namespace

TEST_CASE("single keys in nft's words") {
    CHECK(texts(ipv4_addr, {10, 0, 0, 1}) == Texts{"10.0.0.1"});
    CHECK(texts(inet_service, {0x1f, 0x90}) == Texts{"8080"});
    CHECK(has(texts(inet_proto, {6}), "tcp"));
    CHECK(has(texts(ct_state, {8, 0, 0, 0}), "new"));
    CHECK(has(texts(ct_state, {6, 0, 0, 0}), "established,related"));
    CHECK(has(texts(mark, {0x10, 0, 0, 0}), "0x00000010"));
    CHECK(has(texts(iface_index, {3, 0, 0, 0}), "\"eth1\""));
    CHECK(texts(ifname, {'l', 'o', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) == Texts{"\"lo\""});
    CHECK(texts(63, {1, 2}).empty());
    CHECK(texts(ipv4_addr, {1, 2}).empty());
}

TEST_CASE("ranges and prefixes") {
    CHECK(has(texts(ipv4_addr, {10, 0, 0, 0}, {10, 255, 255, 255}, true), "10.0.0.0/8"));
    CHECK(has(texts(ipv4_addr, {10, 0, 0, 1}, {10, 0, 0, 6}, true), "10.0.0.1-10.0.0.6"));
    CHECK(has(texts(inet_service, {0, 10}, {0, 20}, true), "10-20"));
    CHECK(has(texts(mark, {0, 0, 0, 1}, {0, 0, 0, 9}, true), "0x00000001-0x00000009"));
    Bytes first{'e', 't', 'h', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    Bytes last = first;
    std::fill(last.begin() + 3, last.end(), 0xff);
    CHECK(has(texts(ifname, first, last, true), "\"eth*\""));
}

TEST_CASE("concatenations take their fields apart") {
    const auto type = ipv4_addr << 6 | inet_service;
    CHECK(texts(type, {10, 0, 0, 1, 0, 22, 0, 0}) == Texts{"10.0.0.1 . 22"});
    CHECK(texts(type, {10, 0, 0, 1, 0, 22}).empty());
    NftVerdictMap map = map_of(type, 8, true);
    map.field_sizes = {4, 2};
    CHECK(
        has(key_texts(map, {&dropping, {10, 0, 0, 0, 0, 1, 0, 0}, {10, 0, 0, 255, 0, 9, 0, 0}}, {}),
            "10.0.0.0/24 . 1-9"));
}

TEST_CASE("an element is shown as the listing has it") {
    const NftMatch match{&dropping, {0, 22}, {0, 22}};
    const auto shown = [&](const Texts& listed) {
        return element_text(map_of(inet_service, 2), match, listed, {});
    };
    CHECK(shown({"22 : drop", "80 : accept"}) == "22 : drop");
    CHECK(shown({"22 comment \"a : drop\" : drop"}) == "22 comment \"a : drop\" : drop");
    CHECK(shown({"22 timeout 1h expires 2s : drop"}) == "22 timeout 1h expires 2s : drop");
    CHECK(shown({"22 : accept"}) == "0x0016 : drop");
    CHECK(shown({"2222 : drop", "22 . 1 : drop"}) == "0x0016 : drop");
    CHECK(shown({}) == "0x0016 : drop");
}

TEST_CASE("what may be one or the other is neither") {
    const NftMatch match{&dropping, {0, 1}, {0, 1}};
    const auto map = map_of(4, 2); // an integer in an order that is not known
    CHECK(element_text(map, match, {"1 : drop"}, {}) == "1 : drop");
    CHECK(element_text(map, match, {"1 : drop", "256 : drop"}, {}) == "0x0001 : drop");
}

TEST_CASE("the catch-all element is a star") {
    CHECK(element_text(map_of(inet_service, 2), {&dropping, {}, {}}, {"* : drop"}, {}) ==
          "* : drop");
}
