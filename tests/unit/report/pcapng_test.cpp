// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/process/command.hpp"
#include "harness/report/pcapng.hpp"
#include "sample.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace nflab;

namespace {

// An Ethernet frame with an ICMP echo request from 192.168.4.110 to 10.53.134.11, id 77.
pcap::Packet echo(std::uint8_t sequence) {
    pcap::Packet packet;
    packet.time = std::chrono::nanoseconds(1'700'000'000'123'456'789);
    packet.bytes = {2,    0,   0, 0,   0,  1,  2,    0,       0,  0, 0, 2, 8, 0, // Ethernet
                    0x45, 0,   0, 28,  0,  0,  0x40, 0,       64, 1, 0, 0,       // IPv4
                    192,  168, 4, 110, 10, 53, 134,  11,                         // addresses
                    8,    0,   0, 0,   0,  77, 0,    sequence};                  // ICMP
    packet.length = static_cast<std::uint32_t>(packet.bytes.size());
    return packet;
}

pcap::File file_of(const std::vector<pcap::Packet>& packets) {
    return {pcap::ethernet, packets};
}

} // namespace

TEST_CASE("a captured packet's comment tells what became of it and who decided") {
    const step::StepOutcome step = report::sample::failed_cell().steps[0];
    const auto comments = report::capture_comments(file_of({echo(1), echo(9)}), step);
    REQUIRE(comments.size() == 2);
    INFO(comments[0]);
    CHECK(comments[0].starts_with("dropped at router, hook forward: forward filter FORWARD policy "
                                  "DROP (router, iptables)\n#1 icmp echo"));
    CHECK(comments[0].find("ip filter forward") != std::string::npos);
    CHECK(comments[1].empty()); // nobody has seen that one
}

TEST_CASE("a packet behind address translation is the same packet") {
    step::StepOutcome step = report::sample::failed_cell().steps[0];
    step.paths.resize(1);
    for (verdict::Record& record : step.paths[0].records) {
        verdict::Conntrack entry;
        entry.original = verdict::Tuple{"192.168.4.110", "10.53.134.11", 77, 0};
        entry.reply = verdict::Tuple{"10.53.134.11", "10.53.134.1", 77, 0};
        record.conntrack = entry;
    }
    pcap::Packet behind = echo(1);
    behind.bytes[26] = 10, behind.bytes[27] = 53, behind.bytes[28] = 134, behind.bytes[29] = 1;
    pcap::Packet other = behind;
    other.bytes[39] = 78; // another ping's
    const auto comments = report::capture_comments(file_of({behind, other}), step);
    CHECK(comments.at(0).starts_with("dropped at router"));
    CHECK(comments.at(1).empty());
}

TEST_CASE("packets that cannot be told apart and fared differently are not certain") {
    step::StepOutcome step = report::sample::failed_cell().steps[0];
    step.paths.push_back(step.paths[0]);
    step.paths.back().records.pop_back();
    const auto comments = report::capture_comments(file_of({echo(1)}), step);
    CHECK(comments.at(0).starts_with("not certain: 2 packets"));
}

TEST_CASE("Wireshark's own reader takes the file, with times, comments and the interface") {
    const auto path =
        std::filesystem::temp_directory_path() / fmt::format("nflab-{}.pcapng", ::getpid());
    const std::string bytes = report::pcapng(file_of({echo(1), echo(2), echo(3)}),
                                             {"router eno1", "icmp"}, {"first\nof two", "", "odd"});
    std::ofstream(path, std::ios::binary) << bytes;
    Command command;
    command.argv = {"tshark", "-n",
                    "-r",     path,
                    "-T",     "fields",
                    "-E",     "separator=|",
                    "-e",     "frame.time_epoch",
                    "-e",     "icmp.seq",
                    "-e",     "frame.comment",
                    "-e",     "frame.interface_name"};
    const CommandResult result = run(command);
    std::filesystem::remove(path);
    INFO(result.out << result.err);
    REQUIRE(result.ok());
    CHECK(result.out.starts_with("1700000000.123456789|1|first"));
    CHECK(result.out.find("|2||router eno1\n") != std::string::npos);
    CHECK(result.out.find("|3|odd|router eno1\n") != std::string::npos);
    // And libpcap reads back what was written.
    const pcap::File again = pcap::read(bytes);
    REQUIRE(again.packets.size() == 3);
    CHECK(again.packets[2].bytes == echo(3).bytes);
}
