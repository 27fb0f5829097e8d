// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/prose.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>

using namespace nflab::scenario;

namespace {

std::string told(const std::string& text) {
    const auto document = whole_document(text, "x.yaml", {});
    REQUIRE(document);
    return prose(*document);
}

} // namespace

TEST_CASE("every key of the language has words") {
    for (const std::string& key : keys_without_words())
        FAIL_CHECK(key << " has no words: add it to prose_words.cpp");
}

TEST_CASE("a scenario in prose") {
    CHECK(told(R"(name: first
summary: A router lets web traffic pass and drops telnet.
origin: a book
requires: [iptables-legacy]
networks: { left: 10.0.1.0/24 }
nodes:
  client: { kind: netns, addresses: { left: 10.0.1.2 }, gateway: 10.0.1.1 }
  router:
    kind: vm
    addresses: { left: [10.0.1.1, "fd00::1"] }
    sysctl: { net.ipv4.ip_forward: 1 }
    trace: verdicts
steps:
  - name: telnet is dropped
    apply:
      router:
        nftables: |
          table ip x {
          }
        iptables-legacy: { file: rules }
    run: [{ on: router, command: nft list ruleset, exit: 1 }]
    send: [{ tcp: router, from: client, port: 23, count: 3 }]
    expect:
      - { at: router, packet: tcp dport 23, hook: input, verdict: drop, by: { nft: ip x y, rule: policy }, count: 3 }
      - { at: client, reply: none }
      - { dropped_by: none }
)") == R"(first: A router lets web traffic pass and drops telnet.
It is told after: a book.
The kernel must have iptables-legacy.

The lab
  Network left is 10.0.1.0/24.
  client is a network namespace on this machine, has 10.0.1.2 in left, sends what it has no route
  for to 10.0.1.1.
  router is a guest that boots the kernel under test, has 10.0.1.1 and fd00::1 in left, has the
  settings net.ipv4.ip_forward = 1, tells every verdict.

Step 1: telnet is dropped
  - router loads an nftables ruleset of 2 lines and the iptables-legacy ruleset of rules.
  - router runs `nft list ruleset`, which must end with exit code 1.
  - client opens TCP connections to router, port 23, 3 times.
  Expected:
  - at router, of packets tcp dport 23, in hook input, a packet is dropped, by the policy of nft's
    chain ip x y, exactly 3 of them.
  - at client, no reply arrives.
  - nothing drops or rejects a packet.
)");
}

TEST_CASE("parameters are told of, and a key without words is shown as it is") {
    const std::string text =
        told("name: x\nwith: { port: [1, 2] }\nnodes: { a: { kind: netns } }\n"
             "steps: [{ send: [{ udp: a, from: a, port: $(port), strange: 7 }] }]\n");
    CHECK(text.find("once for each port of 1 and 2") != std::string::npos);
    CHECK(text.find("a sends UDP datagrams to a, port 1, strange 7.") != std::string::npos);
}

TEST_CASE("every scenario of the project can be told, in lines of 100 columns") {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(NFLAB_SOURCE_DIR "/scenarios")) {
        if (entry.path().extension() != ".yaml")
            continue;
        const auto content = read_text_file(entry.path().string());
        REQUIRE(content.text);
        const auto document = whole_document(*content.text, entry.path().string(), read_text_file);
        REQUIRE(document);
        std::istringstream lines(prose(*document));
        for (std::string line; std::getline(lines, line);) {
            INFO(entry.path() << ": " << line);
            const auto bytes = std::count_if(line.begin(), line.end(), [](char byte) {
                return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U;
            });
            CHECK((bytes <= 100 ||
                   line.find_first_of(' ', line.find_first_not_of(" -")) == std::string::npos));
        }
    }
}
