// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/node_target.hpp"
#include "harness/lab/registry.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

namespace nflab::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::milliseconds follow_interval{100};

// Reads the file itself, not through the lab's daemon: a guest that hangs at boot has a console
// before the lab can be talked to.
fs::path console_path(const NodeTarget& target) {
    const fs::path directory = lab::inside(target.lab.supervisor, lab::console_directory);
    const fs::path file = directory / (target.node + ".log");
    if (target.node.find('/') == std::string::npos && fs::exists(file))
        return file;
    std::vector<std::string> nodes;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, error))
        nodes.push_back(entry.path().stem().string());
    throw Error(
        Failure::bad_input,
        fmt::format("the lab '{}' has no console of a node '{}'", target.lab.name, target.node),
        nodes.empty() ? "its nodes have not been started yet"
                      : fmt::format("its nodes: {}", fmt::join(nodes, ", ")));
}

void print_rest(std::ifstream& in) {
    std::array<char, 65536> buffer{};
    in.clear();
    while (in.read(buffer.data(), buffer.size()), in.gcount() > 0)
        std::fwrite(buffer.data(), 1, static_cast<std::size_t>(in.gcount()), stdout);
    std::fflush(stdout);
}

void console(const std::vector<std::string>& words, bool follow) {
    const NodeTarget target = node_target(words);
    std::ifstream in(console_path(target), std::ios::binary);
    print_rest(in);
    while (follow && ::kill(target.lab.supervisor, 0) == 0) {
        std::this_thread::sleep_for(follow_interval);
        print_rest(in);
    }
}

} // namespace

void add_console(CLI::App& app, Context&) {
    auto words = std::make_shared<std::vector<std::string>>();
    auto follow = std::make_shared<bool>(false);
    CLI::App* command = app.add_subcommand(
        "console", "What a guest's kernel wrote to its console (netns nodes: their agent)");
    command->add_option("words", *words, "LAB NODE")->required()->expected(1, 2);
    command->add_flag("-f,--follow", *follow, "go on until the lab ends or Ctrl-C");
    command->callback([words, follow] { console(*words, *follow); });
}

} // namespace nflab::cli
