// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/scenario/read_text.hpp"

#include "tests/catch.hpp"

#include <fstream>
#include <iterator>

namespace nflab::test {

std::filesystem::path source_file(const std::string& name) {
    return std::filesystem::path(NFLAB_SOURCE_DIR) / name;
}

std::string content_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    INFO(path.string());
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string topology() {
    return R"(name: case
networks: { lan: 10.0.0.0/24, wan: [10.0.1.0/24, "fd00::/64"] }
nodes:
  client: { kind: netns, addresses: { lan: 10.0.0.2 }, gateway: 10.0.0.1 }
  router:
    kind: vm
    interfaces:
      eno1: { network: wan, address: [10.0.1.1, "fd00::1"] }
      eno2: { network: lan, address: 10.0.0.1 }
    trace: verdicts
  server: { kind: netns, addresses: { wan: [10.0.1.11, "fd00::11"] } }
)";
}

scenario::ReadResult read(const std::string& text) {
    return scenario::read(text, "case.yaml", [](const std::string&) {
        return scenario::FileContent{std::nullopt, "no such file"};
    });
}

std::vector<std::string> messages(const scenario::ReadResult& result) {
    std::vector<std::string> lines;
    for (const auto& problem : result.problems)
        lines.push_back(scenario::to_string(problem).substr(problem.file.size() + 1));
    return lines;
}

scenario::Scenario must_read(const std::string& text) {
    const auto result = read(text);
    const std::vector<std::string> none;
    CHECK(messages(result) == none);
    REQUIRE(result.scenario);
    return *result.scenario;
}

} // namespace nflab::test
