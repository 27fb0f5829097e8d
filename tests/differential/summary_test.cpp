// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/differential/session.hpp"

#include <nlohmann/json.hpp>

using namespace nflab::witness;

TEST_CASE("summaries of several kernels make one table for each question") {
    Summary one;
    one.kernel = "5.10.0-1";
    one.packets = 100;
    one.seconds = 12.6;
    one.verdicts["nft inet drop"] = 3;
    Summary two = one;
    two.kernel = "6.12.0-1";
    two.verdicts["nft netdev accept"] = 4;
    const std::string text = to_markdown(nlohmann::json{one, two});
    CHECK(text.find("| 5.10.0-1 |  | 0 | 100 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 13 |\n") !=
          std::string::npos);
    CHECK(text.find("| nft inet drop | 3 | 3 |\n") != std::string::npos);
    CHECK(text.find("| nft netdev accept | 0 | 4 |\n") != std::string::npos);
}
