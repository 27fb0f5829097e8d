// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/unit/agent/agent_client.hpp"

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace nflab::channel;
namespace fs = std::filesystem;

namespace {

class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string name = fs::temp_directory_path() / "nflab-test-XXXXXX";
        path_ = mkdtemp(name.data());
    }
    ~TemporaryDirectory() { fs::remove_all(path_); }
    fs::path operator/(const char* name) const { return path_ / name; }
    std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
    }

  private:
    fs::path path_;
};

std::string content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST_CASE("a file is put whole, with its mode, and got back") {
    AgentClient agent;
    const TemporaryDirectory directory;
    const std::string bytes = std::string(3'000'000, 'x') + std::string("\0\xff", 2);
    const std::string path = directory / "file";
    agent.send(FrameType::put, 1, to_payload(PutRequest{path, 0751}));
    for (std::size_t begin = 0; begin < bytes.size(); begin += max_payload)
        agent.send(FrameType::input, 1, bytes.substr(begin, max_payload));
    CHECK_FALSE(fs::exists(path));
    agent.send(FrameType::input_end, 1);
    CHECK(agent.finish(1).status.ok());
    CHECK(content(path) == bytes);
    struct stat found {};
    REQUIRE(stat(path.c_str(), &found) == 0);
    CHECK((found.st_mode & 07777U) == 0751);

    agent.send(FrameType::get, 2, to_payload(GetRequest{path}));
    const auto result = agent.finish(2);
    CHECK(result.status.ok());
    CHECK(result.out == bytes);
    CHECK(directory.entries() == 1);
}

TEST_CASE("an empty file") {
    AgentClient agent;
    const TemporaryDirectory directory;
    const std::string path = directory / "empty";
    agent.send(FrameType::put, 1, to_payload(PutRequest{path, 0600}));
    agent.send(FrameType::input_end, 1);
    CHECK(agent.finish(1).status.ok());
    CHECK(fs::file_size(path) == 0);
    agent.send(FrameType::get, 2, to_payload(GetRequest{path}));
    CHECK(agent.finish(2).out.empty());
}

TEST_CASE("a put that is given up leaves the old file and no other") {
    AgentClient agent;
    const TemporaryDirectory directory;
    const std::string path = directory / "file";
    std::ofstream(path) << "old";
    agent.send(FrameType::put, 1, to_payload(PutRequest{path, 0644}));
    agent.send(FrameType::input, 1, "new");
    agent.send(FrameType::signal, 1, to_payload(SignalRequest{15}));
    CHECK_FALSE(agent.finish(1).status.error.empty());
    agent.send(FrameType::put, 2, to_payload(PutRequest{path, 0644}));
    agent.send(FrameType::input, 2, "new");
    CHECK(agent.close() == 0);
    CHECK(content(path) == "old");
    CHECK(directory.entries() == 1);
}

TEST_CASE("files that cannot be had are said") {
    AgentClient agent;
    const TemporaryDirectory directory;
    const std::string missing = directory / "missing";
    agent.send(FrameType::get, 1, to_payload(GetRequest{missing}));
    CHECK(agent.finish(1).status.error == "cannot read " + missing + ": No such file or directory");
    agent.send(FrameType::get, 2, to_payload(GetRequest{"/"}));
    CHECK(agent.finish(2).status.error == "cannot read /: it is not a regular file");
    agent.send(FrameType::put, 3, to_payload(PutRequest{missing + "/file", 0644}));
    CHECK(agent.finish(3).status.error.find("No such file or directory") != std::string::npos);
    agent.send(FrameType::put, 4, to_payload(PutRequest{"/dev", 0644}));
    CHECK(agent.finish(4).status.error.find("not a regular file") != std::string::npos);
    agent.send(FrameType::get, 5, "{}");
    CHECK(agent.finish(5).status.error.find("cannot be read") != std::string::npos);
}
