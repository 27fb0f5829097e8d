// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/value.hpp"
#include "tests/catch.hpp"

#include <limits>

namespace nflab::probesite {

TEST_CASE("equal sums are equal values, however they were put together") {
    ValueTable values;
    const auto a = values.argument(0);
    const auto b = values.load(2, values.offset(a, 0x58), 7);
    CHECK(values.sum(a, b) == values.sum(b, a));
    CHECK(values.offset(values.sum(a, b), 8) == values.sum(values.offset(a, 8), b));
    CHECK(values.offset(values.offset(a, 8), -8) == a);
    CHECK(values.sum(values.constant(3), values.constant(4)) == values.constant(7));
    CHECK(values.sum(a, values.constant(0)) == a);
}

TEST_CASE("a narrow copy of a narrow value is the value") {
    ValueTable values;
    const auto half = values.load(4, values.argument(1), 1);
    CHECK(values.low(half, 4) == half);
    CHECK(values.low(half, 2) != half);
    CHECK(values.low(values.constant(-1), 4) == values.constant(0xffffffff));
    CHECK(values.low(values.argument(0), 8) == values.argument(0));
}

TEST_CASE("loads by different instructions are different values") {
    ValueTable values;
    const auto address = values.argument(0);
    CHECK(values.load(8, address, 1) != values.load(8, address, 2));
    CHECK(values.load(8, address, 1) == values.load(8, address, 1));
}

TEST_CASE("addresses far from any stack are not taken for stack slots") {
    ValueTable values;
    CHECK(values.as_stack(values.stack(-0x100)) == -0x100);
    CHECK_FALSE(values.as_stack(values.stack(std::numeric_limits<std::int64_t>::max())));
    CHECK_FALSE(values.as_stack(values.argument(0)));
    const auto wrapped = values.offset(values.stack(std::numeric_limits<std::int64_t>::max()), 1);
    CHECK_FALSE(values.as_stack(wrapped));
}

} // namespace nflab::probesite
