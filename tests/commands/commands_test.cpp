// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/process/command.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace {

namespace fs = std::filesystem;
using nflab::CommandResult;
using nlohmann::json;

CommandResult nflab_command(std::vector<std::string> words) {
    nflab::Command command;
    command.argv = {NFLAB_BINARY_DIR "/nflab"};
    command.argv.insert(command.argv.end(), words.begin(), words.end());
    command.timeout = std::chrono::minutes(4);
    return nflab::run(command);
}

// The seed's lab, up for one test case and gone after it whatever happens.
class SeedLab {
  public:
    SeedLab()
        : name_(fmt::format("commands-{}", ::getpid())),
          up_(nflab_command({"up", NFLAB_SOURCE_DIR "/scenarios/seeds/nat-forward-drop.yaml",
                             "--name", name_})) {}
    ~SeedLab() { nflab_command({"down", name_}); }
    SeedLab(const SeedLab&) = delete;
    SeedLab& operator=(const SeedLab&) = delete;

    const std::string& name() const { return name_; }
    const CommandResult& up() const { return up_; }
    CommandResult exec(const std::string& node, std::vector<std::string> words) const {
        std::vector<std::string> all = {"exec", name_, node, "--"};
        all.insert(all.end(), words.begin(), words.end());
        return nflab_command(all);
    }

  private:
    std::string name_;
    CommandResult up_;
};

class TemporaryDirectory {
  public:
    TemporaryDirectory()
        : path_(fs::temp_directory_path() / fmt::format("nflab-commands-{}", ::getpid())) {
        fs::create_directories(path_);
    }
    ~TemporaryDirectory() { fs::remove_all(path_); }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    std::string operator/(const std::string& name) const { return (path_ / name).string(); }

  private:
    fs::path path_;
};

std::string text_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("up shows the path of seed 004 and leaves a lab that every command can use") {
    const SeedLab lab;
    INFO(lab.up().out << lab.up().err);
    REQUIRE(lab.up().exit_code == 0);

    SECTION("the path ends in the legacy policy, after the nft accept, and the fix masquerades") {
        CHECK(has(lab.up().out, "dropped at router, hook forward"));
        CHECK(has(lab.up().out, "\"ip protocol icmp counter"));
        CHECK(has(lab.up().out, "policy DROP"));
        CHECK(has(lab.up().out, "<- here"));
        CHECK(has(lab.up().out, "masquerade"));
        CHECK(has(lab.up().out, "source becomes 10.53.134.1"));
        CHECK(has(lab.up().out, "3 replies at client"));
        CHECK(has(lab.up().out, "nflab down " + lab.name()));
    }
    SECTION("status lists its nodes") {
        const json status = json::parse(nflab_command({"--json", "status"}).out);
        const auto& labs = status.at("labs");
        const auto found = std::find_if(labs.begin(), labs.end(), [&](const json& each) {
            return each.at("name") == lab.name();
        });
        REQUIRE(found != labs.end());
        CHECK(found->at("nodes").size() == 3);
        CHECK(has(nflab_command({"status"}).out, "router"));
    }
    SECTION("exec keeps both outputs and the exit code apart") {
        const auto result = lab.exec("router", {"sh", "-c", "echo out; echo err >&2; exit 7"});
        CHECK(result.out == "out\n");
        CHECK(result.err == "err\n");
        CHECK(result.exit_code == 7);
        CHECK(lab.exec("router", {"sh", "-c", "kill -9 $$"}).exit_code == 128 + 9);
        CHECK(lab.exec("nobody", {"true"}).exit_code == 2);
    }
    SECTION("why sends one packet and tells its path") {
        CHECK(lab.exec("router", {"iptables-legacy", "-I", "FORWARD", "-p", "tcp", "--dport", "80",
                                  "-j", "DROP"})
                  .exit_code == 0);
        const auto dropped =
            nflab_command({"why", lab.name(), "--from", "client", "--to", "server:80/tcp"});
        INFO(dropped.out << dropped.err);
        CHECK(dropped.exit_code == 0);
        CHECK(has(dropped.out, "#1 DROP"));
        CHECK(has(dropped.out, "--dport 80"));
        const auto passed =
            nflab_command({"why", lab.name(), "--from", "client", "--to", "server"});
        CHECK(has(passed.out, "answered after"));
    }
    SECTION("the ruleset that is observed stays as it was") {
        const auto before =
            lab.exec("router", {"sh", "-c", "nft list ruleset; iptables-legacy-save"});
        REQUIRE(nflab_command({"trace", lab.name(), "--duration", "0.5"}).exit_code == 0);
        const auto after =
            lab.exec("router", {"sh", "-c", "nft list ruleset; iptables-legacy-save"});
        // iptables-save writes the time of day into comments
        const auto rules = [](const std::string& text) {
            std::string kept;
            for (std::size_t begin = 0; begin < text.size();) {
                const std::size_t end = std::min(text.find('\n', begin), text.size());
                if (text[begin] != '#')
                    kept += text.substr(begin, end - begin) + '\n';
                begin = end + 1;
            }
            return kept;
        };
        CHECK(has(before.out, "masquerade"));
        CHECK(rules(before.out) == rules(after.out));
    }
    SECTION("cp takes files both ways") {
        const fs::path file = fs::temp_directory_path() / lab.name();
        std::ofstream(file) << "content";
        CHECK(nflab_command({"cp", file.string(), lab.name() + ":router:/tmp/copy"}).exit_code ==
              0);
        CHECK(lab.exec("router", {"cat", "/tmp/copy"}).out == "content");
        fs::remove(file);
        CHECK(nflab_command({"cp", lab.name() + ":router:/tmp/copy", file.string()}).exit_code ==
              0);
        CHECK(fs::file_size(file) == 7);
        fs::remove(file);
    }
    SECTION("a second lab of that name is refused, and the first stays") {
        const auto again =
            nflab_command({"up", NFLAB_SOURCE_DIR "/scenarios/seeds/nat-forward-drop.yaml",
                           "--name", lab.name()});
        CHECK(again.exit_code == 3);
        CHECK(lab.exec("client", {"true"}).exit_code == 0);
    }
    SECTION("down ends it") {
        CHECK(nflab_command({"down", lab.name()}).exit_code == 0);
        CHECK_FALSE(has(nflab_command({"status"}).out, lab.name()));
    }
}

TEST_CASE("the JSON document of a run stands alone on standard output") {
    const TemporaryDirectory files;
    const auto result =
        nflab_command({"--json", "run", NFLAB_SOURCE_DIR "/scenarios/first.yaml", "--boot",
                       "faithful", "--report", files / "report", "--junit", files / "out.xml",
                       "--tap", files / "out.tap", "--jsonl", files / "out.jsonl"});
    INFO(result.out << result.err);
    REQUIRE(result.exit_code == 0);
    const json document = json::parse(result.out);
    const json& cell = document.at("cells").at(0);
    CHECK(cell.at("status") == "passed");
    CHECK(cell.at("boot") == "faithful");
    CHECK(cell.at("lost") == 0);
    CHECK(cell.at("phases_ms").contains("boot"));
    bool decided = false;
    for (const json& packet : cell.at("steps").at(0).at("packets"))
        for (const json& record : packet.at("records"))
            decided |= record.value("comment", "") == "no telnet";
    CHECK(decided);
    // The other formats of the same run.
    CHECK(text_of(files / "out.xml").find("failures=\"0\" errors=\"0\"") != std::string::npos);
    CHECK(text_of(files / "out.tap").find("\nok 1 - ") != std::string::npos);
    std::istringstream lines(text_of(files / "out.jsonl"));
    json last;
    for (std::string line; std::getline(lines, line);)
        last = json::parse(line);
    CHECK(last.at("type") == "end");
    CHECK(last.at("passed") == 1);
    // In the page the deciding rule's line is known, of the scenario and of the guest's listing.
    const std::string page = text_of(files / "report/index.html");
    const std::string mark = "<script type=\"application/json\" id=\"data\">";
    const auto begin = page.find(mark) + mark.size();
    const json data = json::parse(page.substr(begin, page.find("</script>", begin) - begin));
    const json& shown = data.at("cells").at(0);
    CHECK(shown.contains("consoles")); // a kernel that boots quietly says nothing
    bool listed = false;
    bool written = false;
    for (const json& group : shown.at("steps").at(0).at("groups"))
        for (const json& each : group.at("marks")) {
            listed |= each.at(1) > 0;
            written |= each.at(5) > 0;
        }
    CHECK(listed);
    CHECK(written);
}

TEST_CASE("a new scenario passes as it is written") {
    std::string name = fs::temp_directory_path() / "nflab-new-XXXXXX";
    const fs::path folder = mkdtemp(name.data());
    const std::string file = folder / "case.yaml";
    const CommandResult made =
        nflab_command({"new", "case", "--template", "single", "--drop", "udp/53", "-o", file});
    INFO(made.err);
    REQUIRE(made.exit_code == 0);
    CHECK(nflab_command({"new", "case", "-o", file}).exit_code == 2);
    CHECK(nflab_command({"fmt", "--check", file}).exit_code == 0);
    const CommandResult told = nflab_command({"explain", file});
    CHECK(has(told.out, "client sends UDP datagrams to server, port 53."));
    const CommandResult run =
        nflab_command({"run", file, "--json", "--name", fmt::format("new-{}", ::getpid())});
    INFO(run.out << run.err);
    CHECK(run.exit_code == 0);
    fs::remove_all(folder);
}
