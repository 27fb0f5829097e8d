// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/nft/nft_element.hpp"
#include "tests/catch.hpp"

using namespace nflab::nfverdict;
using Bytes = std::vector<std::uint8_t>;

namespace {

NftMapElement element(const Bytes& key, std::int32_t code, bool end = false) {
    NftMapElement out;
    out.key = key;
    out.code = code;
    out.interval_end = end;
    return out;
}

NftVerdictMap ports(bool interval, std::vector<NftMapElement> elements) {
    NftVerdictMap map;
    map.interval = interval;
    map.key_size = 2;
    map.elements = std::move(elements);
    return map;
}

} // namespace

TEST_CASE("single values are found by their bytes") {
    const auto map = ports(false, {element({0, 22}, NF_DROP), element({0, 80}, NF_ACCEPT)});
    CHECK(find_element(map, Bytes{0, 80}).element == &map.elements[1]);
    CHECK(find_element(map, Bytes{0, 81}).element == nullptr);
    CHECK(find_element(map, Bytes{80}).element == nullptr);
}

TEST_CASE("ranges end before the key of their end") {
    const auto map = ports(true, {element({0, 10}, NF_DROP), element({0, 20}, 0, true),
                                  element({0, 20}, NF_ACCEPT), element({1, 0}, 0, true),
                                  element({0xff, 0}, NF_ACCEPT)});
    CHECK(find_element(map, Bytes{0, 9}).element == nullptr);
    const auto first = find_element(map, Bytes{0, 19});
    CHECK(first.element == &map.elements[0]);
    CHECK(first.last == Bytes{0, 19});
    const auto second = find_element(map, Bytes{0, 20});
    CHECK(second.element == &map.elements[2]);
    CHECK(second.last == Bytes{0, 0xff});
    CHECK(find_element(map, Bytes{1, 0}).element == nullptr);
    const auto open = find_element(map, Bytes{0xff, 0xff});
    CHECK(open.element == &map.elements[4]);
    CHECK(open.last == Bytes{0xff, 0xff});
}

TEST_CASE("a concatenation of ranges must fit field by field") {
    NftVerdictMap map;
    map.interval = true;
    map.key_size = 8;
    map.field_sizes = {4, 2};
    NftMapElement range = element({10, 0, 0, 0, 0, 5, 0, 0}, NF_DROP);
    range.key_end = {10, 0, 0, 255, 0, 9, 0, 0};
    map.elements = {range, element({10, 1, 0, 1, 0, 7, 0, 0}, NF_ACCEPT)};
    CHECK(find_element(map, Bytes{10, 0, 0, 7, 0, 9, 0, 0}).element == &map.elements[0]);
    CHECK(find_element(map, Bytes{10, 0, 0, 7, 0, 4, 0, 0}).element == nullptr);
    CHECK(find_element(map, Bytes{10, 0, 1, 7, 0, 6, 0, 0}).element == nullptr);
    CHECK(find_element(map, Bytes{10, 1, 0, 1, 0, 7, 0, 0}).element == &map.elements[1]);
}

TEST_CASE("the catch-all element is for what no other has") {
    for (const bool interval : {false, true}) {
        const auto map = ports(interval, {element({}, NF_DROP), element({0, 22}, NF_ACCEPT),
                                          element({0, 23}, 0, true)});
        CHECK(find_element(map, Bytes{0, 22}).element == &map.elements[1]);
        CHECK(find_element(map, Bytes{0, 99}).element == &map.elements[0]);
    }
}
