// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/process/command.hpp"
#include "tests/catch.hpp"

#include <sstream>

namespace {

nflab::CommandResult nflab_command(std::vector<std::string> words) {
    nflab::Command command;
    command.argv = {NFLAB_BINARY_DIR "/nflab"};
    command.argv.insert(command.argv.end(), words.begin(), words.end());
    return nflab::run(command);
}

// The first word of each line below "Subcommands:".
std::vector<std::string> commands() {
    std::istringstream help(nflab_command({"--help"}).out);
    std::vector<std::string> names;
    bool below = false;
    for (std::string line; std::getline(help, line);) {
        if (below && line.rfind("  ", 0) == 0 && line.size() > 2 && line[2] != ' ')
            names.push_back(line.substr(2, line.find(' ', 2) - 2));
        below |= line.rfind("Subcommands:", 0) == 0;
    }
    return names;
}

} // namespace

TEST_CASE("every command explains itself") {
    const auto names = commands();
    CHECK(names.size() >= 14);
    for (const std::string& name : names) {
        INFO(name);
        const auto help = nflab_command({name, "--help"});
        CHECK(help.exit_code == 0);
        CHECK(help.out.find("Usage:") != std::string::npos);
    }
}

TEST_CASE("a wrong command line ends with exit code 2 and says what is wrong") {
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{},
                                               {"fly"},
                                               {"run"},
                                               {"run", "scenario.yaml", "--accel", "magic"},
                                               {"why", "--from", "x"},
                                               {"run", "/nonexistent/scenario.yaml"}}) {
        const auto result = nflab_command(words);
        INFO(nflab::to_shell(words) << result.err);
        CHECK(result.exit_code == 2);
        CHECK_FALSE(result.err.empty());
    }
}

TEST_CASE("the completion script knows every command") {
    nflab::Command command;
    command.argv = {"bash", "-c",
                    "source " NFLAB_SOURCE_DIR "/harness/cli/completion/nflab.bash && "
                    "PATH=" NFLAB_BINARY_DIR
                    ":$PATH && COMP_WORDS=(nflab '') COMP_CWORD=1 && _nflab && "
                    "echo ${COMPREPLY[@]}"};
    const auto result = nflab::run(command);
    INFO(result.err);
    for (const std::string& name : commands())
        CHECK(result.out.find(name) != std::string::npos);
}

TEST_CASE("the version is printed") {
    const auto result = nflab_command({"--version"});
    CHECK(result.exit_code == 0);
    CHECK(result.out.find('.') != std::string::npos);
}
