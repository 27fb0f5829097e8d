// SPDX-License-Identifier: GPL-2.0-or-later
// Streams of tests/scenarios/paths/router.yaml on 6.12, as nfverdict wrote them (rule texts left
// out).
#include "harness/verdict/draw.hpp"
#include "harness/verdict/path.hpp"
#include "sample.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

using namespace nflab::verdict;
using nlohmann::json;

namespace {

struct Recorded {
    std::vector<SentPacket> sent;
    std::vector<PacketPath> paths;
};

Recorded recorded(const std::string& step) {
    std::ifstream file(NFLAB_SOURCE_DIR "/tests/unit/verdict/data/router-6.12.jsonl");
    for (std::string line; std::getline(file, line);) {
        const json entry = json::parse(line);
        if (entry["step"] != step)
            continue;
        Recorded all;
        for (const json& each : entry["sent"]) {
            SentPacket packet;
            packet.node = each["node"];
            packet.protocol = each["protocol"];
            packet.source = each["source"];
            packet.destination = each["destination"];
            packet.source_port = each.value("source_port", std::uint16_t{0});
            packet.destination_port = each.value("destination_port", std::uint16_t{0});
            packet.icmp_id = each.value("icmp_id", std::uint16_t{0});
            packet.icmp_sequence = each.value("icmp_sequence", std::uint16_t{0});
            all.sent.push_back(packet);
        }
        all.paths =
            assemble(all.sent, entry["records"].get<std::vector<Record>>(), sample::no_distance);
        return all;
    }
    FAIL("no such step: " << step);
    return {};
}

std::string hooks(const PacketPath& path) {
    std::string text;
    for (const Record& record : path.records)
        text += (text.empty() ? "" : " ") + record.chain;
    return text;
}

std::size_t namespaces(const PacketPath& path) {
    std::vector<std::uint64_t> all;
    for (const Record& record : path.records)
        if (std::find(all.begin(), all.end(), record.netns) == all.end())
            all.push_back(record.netns);
    return all.size();
}

} // namespace

TEST_CASE("recorded: one path through both translations, and one for the answer") {
    const Recorded seen = recorded("translated");
    // Two echoes, a connection's first packets, three datagrams; an answer to each.
    REQUIRE(seen.paths.size() == 12);
    CHECK(hooks(seen.paths[0]) == "raw before prerouting forward postrouting after");
    CHECK(seen.paths[0].records.back().packet.source == "10.0.2.1");
    CHECK(hooks(seen.paths[1]) == "raw before forward after");
    CHECK(seen.paths[1].reply);
    const PacketPath& syn = seen.paths[4];
    CHECK(syn.records.front().packet.destination == "10.0.1.1");
    CHECK(syn.records.back().packet.destination == "10.0.2.2");
    CHECK(syn.records.back().packet.source == "10.0.2.1");
    CHECK(syn.records.size() == 6);
}

TEST_CASE("recorded: datagrams that look alike are taken in the order sent, and that is said") {
    const Recorded seen = recorded("translated");
    for (std::size_t i = 6; i < 12; ++i) {
        CHECK(seen.paths[i].sent == 3 + (i - 6) / 2);
        CHECK(seen.paths[i].reply == ((i - 6) % 2 == 1));
        CHECK(seen.paths[i].doubts.size() == 1);
    }
}

TEST_CASE("recorded: fragments and the datagram that is made of them are one path") {
    const Recorded seen = recorded("fragments");
    REQUIRE(seen.paths.size() == 2);
    for (const PacketPath& path : seen.paths) {
        CHECK(path.pieces == 3);
        CHECK(path.doubts.empty());
        CHECK(path.sent == 0U);
    }
    CHECK(hooks(seen.paths[0]) == "raw raw raw before prerouting forward postrouting after");
    CHECK(describe(seen.paths[0]).find(":54 in 3 fragments") != std::string::npos);
    // The fragments share a line.
    const auto lines = draw(seen.paths, 0, seen.sent);
    CHECK(std::count_if(lines.begin(), lines.end(), [](const PathLine& line) {
              return line.text.find("raw") != std::string::npos &&
                     line.text.find("×3") != std::string::npos;
          }) == 1);
}

TEST_CASE("recorded: what a reject sends is caused by it") {
    const Recorded seen = recorded("rejected");
    REQUIRE(seen.paths.size() == 4);
    const auto lines = draw(seen.paths, 1, seen.sent);
    CHECK(lines.at(1).text.find("caused by #1: router, hook forward: nft ip guard forward") !=
          std::string::npos);
    for (const std::size_t answer : {1U, 3U}) {
        const PacketPath& path = seen.paths[answer];
        REQUIRE(path.cause.has_value());
        CHECK(path.cause->kind == Cause::Kind::answer);
        CHECK(path.cause->path == answer - 1);
        CHECK(seen.paths[answer - 1].records[path.cause->record].verdict == "reject");
        CHECK(path.reply);
        CHECK(path.sent == seen.paths[answer - 1].sent);
    }
}

TEST_CASE("recorded: one path through two namespaces, and through the pieces of a large segment") {
    const Recorded seen = recorded("a namespace in the guest");
    REQUIRE(seen.paths.size() == 4);
    CHECK(namespaces(seen.paths[0]) == 2);
    CHECK(hooks(seen.paths[0]) == "raw before prerouting forward forward postrouting after in");
    for (const std::size_t large : {2U, 3U}) {
        const PacketPath& path = seen.paths[large];
        CHECK(path.pieces == 2);
        CHECK(namespaces(path) == 2);
        CHECK(hooks(path) == "raw before forward forward after in in");
        CHECK(path.records.front().packet.payload ==
              path.records[5].packet.payload + path.records[6].packet.payload);
    }
}

TEST_CASE("recorded: a bridged packet is one path through the bridge's and iptables' hooks") {
    const Recorded seen = recorded("a bridge whose frames iptables sees");
    REQUIRE(seen.paths.size() == 2);
    std::vector<std::string> families;
    for (const Record& record : seen.paths[0].records)
        families.push_back(record.family);
    CHECK(std::count(families.begin(), families.end(), "bridge") == 1);
    CHECK(std::count(families.begin(), families.end(), "ip") == 7);
}
