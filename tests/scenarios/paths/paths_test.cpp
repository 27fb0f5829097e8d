// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/process/command.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cstdlib>
#include <set>
#include <string>

namespace {

using nlohmann::json;

json run_scenario() {
    const char* kernel = std::getenv("NFLAB_TEST_KERNEL");
    nflab::Command command;
    command.argv = {NFLAB_BINARY_DIR "/nflab",
                    "--json",
                    "run",
                    NFLAB_SOURCE_DIR "/tests/scenarios/paths/router.yaml",
                    "--name",
                    fmt::format("paths-{}", ::getpid()),
                    "--kernel",
                    kernel ? kernel : "6.12"};
    command.timeout = std::chrono::minutes(3);
    const nflab::CommandResult result = nflab::run(command);
    INFO(result.out << result.err);
    REQUIRE(result.exit_code == 0);
    return json::parse(result.out).at("cells").at(0);
}

json step(const json& cell, const std::string& name) {
    for (const json& each : cell.at("steps"))
        if (each.at("name") == name)
            return each;
    FAIL("no such step: " << name);
    return {};
}

bool is_reply(const json& path) {
    return path.at("direction") == "reply";
}

std::string chains(const json& path) {
    std::string text;
    for (const json& record : path.at("records"))
        text += (text.empty() ? "" : " ") + record.value("chain", "");
    return text;
}

std::set<std::uint64_t> namespaces(const json& path) {
    std::set<std::uint64_t> all;
    for (const json& record : path.at("records"))
        all.insert(record.at("netns").get<std::uint64_t>());
    return all;
}

bool has(const json& path, const std::string& part) {
    return path.at("packet").get<std::string>().find(part) != std::string::npos;
}

void check_translated(const json& seen) {
    int echoes = 0;
    int datagrams = 0;
    for (const json& path : seen.at("packets")) {
        INFO(path.dump());
        CHECK_FALSE(path.contains("doubts"));
        REQUIRE(path.contains("sent"));
        const json& sent = seen.at("sent").at(path.at("sent").get<std::size_t>());
        const auto& records = path.at("records");
        if (sent.at("protocol") != "tcp") {
            (sent.at("protocol") == "icmp" ? echoes : datagrams) += 1;
            const json& packet = records.front().at("packet");
            if (!is_reply(path) && sent.at("protocol") == "icmp")
                CHECK(packet.at("icmp_sequence") == sent.at("icmp_sequence"));
        }
        // Each way through the router is whole, from the first hook to the last.
        CHECK(records.front().at("chain") == "raw");
        CHECK(records.back().at("chain") == "after");
        const json& leaves = records.back().at("packet");
        CHECK(leaves.at("source") == (is_reply(path) ? sent.at("destination") : "10.0.2.1"));
    }
    CHECK(echoes == 4);
    CHECK(datagrams == 6);
}

void check_fragments(const json& seen) {
    REQUIRE(seen.at("packets").size() == 2);
    for (const json& path : seen.at("packets")) {
        INFO(path.dump());
        CHECK(path.value("pieces", 1) == 3);
        CHECK(chains(path).find("raw raw raw before") == 0);
        CHECK(has(path, "in 3 fragments"));
    }
}

void check_rejected(const json& seen) {
    int answers = 0;
    for (const json& path : seen.at("packets")) {
        if (!path.contains("cause"))
            continue;
        INFO(path.dump());
        ++answers;
        const json& cause = path.at("cause");
        CHECK(cause.at("kind") == "answer");
        const json& other = seen.at("packets").at(cause.at("packet").get<std::size_t>());
        CHECK(other.at("records").at(cause.at("record").get<std::size_t>()).at("verdict") ==
              "reject");
        CHECK(other.at("sent") == path.at("sent"));
    }
    CHECK(answers >= 2); // the sender may try once more
}

void check_namespace(const json& seen) {
    int large = 0;
    int both = 0;
    for (const json& path : seen.at("packets")) {
        INFO(path.dump());
        if (!is_reply(path) && path.contains("sent")) {
            CHECK(namespaces(path).size() == 2);
            ++both;
        }
        if (path.value("pieces", 1) > 1) {
            CHECK(has(path, "segments"));
            ++large;
        }
    }
    CHECK(both >= 4);
    CHECK(large >= 1);
}

void check_bridge(const json& seen) {
    int echoes = 0;
    for (const json& path : seen.at("packets")) {
        if (!has(path, "icmp echo") && !has(path, "icmp reply"))
            continue;
        INFO(path.dump());
        ++echoes;
        std::set<std::string> families;
        for (const json& record : path.at("records"))
            families.insert(record.at("family").get<std::string>());
        CHECK(families == std::set<std::string>{"bridge", "ip"});
    }
    CHECK(echoes == 2);
}

} // namespace

TEST_CASE("packets are followed wherever the kernel changes them") {
    const json cell = run_scenario();
    check_translated(step(cell, "translated"));
    check_fragments(step(cell, "fragments"));
    check_rejected(step(cell, "rejected"));
    check_namespace(step(cell, "a namespace in the guest"));
    check_bridge(step(cell, "a bridge whose frames iptables sees"));
}
