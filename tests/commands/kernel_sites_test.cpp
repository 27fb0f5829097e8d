// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/process/command.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace {

using nflab::CommandResult;
using nlohmann::json;

CommandResult nflab_command(const std::vector<std::string>& words) {
    nflab::Command command;
    command.argv = {NFLAB_BINARY_DIR "/nflab"};
    command.argv.insert(command.argv.end(), words.begin(), words.end());
    command.timeout = std::chrono::minutes(4);
    return nflab::run(command);
}

} // namespace

TEST_CASE("every kernel of the lock has its sites, found within 50 ms") {
    const CommandResult result = nflab_command({"--json", "kernels", "sites"});
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    const json reports = json::parse(result.out);
    const json listed = json::parse(nflab_command({"--json", "kernels", "list"}).out);
    REQUIRE(reports.size() == listed.size());
    for (const json& report : reports) {
        INFO(report.dump(2));
        REQUIRE(report.at("functions").size() >= 3);
        CHECK(report.at("functions").at(0).at("function") == "nft_do_chain");
        CHECK(report.at("functions").at(0).at("state") == "resolved");
        double milliseconds = 0;
        for (const json& function : report.at("functions")) {
            CHECK(function.at("state") != "refused");
            milliseconds += function.value("milliseconds", 0.0);
        }
        CHECK(milliseconds <= 50);
    }
}

TEST_CASE("one kernel's sites are printed for people") {
    const CommandResult result = nflab_command({"kernels", "sites", "6.12"});
    INFO(result.err);
    CHECK(result.exit_code == 0);
    for (const char* part : {"nft_do_chain", "GCC ", "rule r", "nft_table.name at", "build-id"})
        CHECK(result.out.find(part) != std::string::npos);
}

TEST_CASE("kernels and debug symbols that are not there are mistakes of the user") {
    CHECK(nflab_command({"kernels", "sites", "no-such-kernel"}).exit_code == 2);
    const CommandResult result =
        nflab_command({"kernels", "sites", "6.12", "--debug-symbols", "/no/such/directory"});
    CHECK(result.exit_code == 2);
    CHECK(result.err.find("/no/such/directory is no directory") != std::string::npos);
}
