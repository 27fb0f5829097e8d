// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/scenario/new_scenario.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

namespace nflab::cli {
namespace {

namespace fs = std::filesystem;

struct NewFlags {
    scenario::NewScenario wishes;
    std::string file;
    bool list = false;
    bool force = false;
};

std::string names(std::span<const scenario::Named> list) {
    std::string text;
    for (const scenario::Named& each : list)
        text += (text.empty() ? "" : ", ") + std::string(each.name);
    return text;
}

void print_list(const char* title, std::span<const scenario::Named> list) {
    fmt::print("{}\n", title);
    for (const scenario::Named& each : list)
        fmt::print("  {:<17} {}\n", each.name, each.about);
}

// On the terminal, until the answer can be used; an empty one leaves the value as it is.
void ask(const std::string& question, std::string& value, const scenario::NewScenario& wishes) {
    const std::string before = value;
    while (true) {
        fmt::print(stderr, "{} [{}]: ", question, before);
        std::string line;
        if (!std::getline(std::cin, line))
            throw Error(Failure::bad_input, "no answer", "`nflab new --help` lists the flags");
        value = line.empty() ? before : line;
        const std::string wrong = scenario::wrong_wish(wishes);
        if (wrong.empty())
            return;
        fmt::print(stderr, "  {}\n", wrong);
    }
}

// The schema of this source tree or installation as an editor finds it from the file, if it is
// near.
std::string schema_from(const fs::path& folder) {
    fs::path up = ".";
    for (int level = 0; level < 4; ++level, up /= "..")
        for (const char* name : {"schema.json", "scenarios/schema.json"}) {
            std::ifstream file(folder / up / name);
            const auto schema = nlohmann::json::parse(file, nullptr, false);
            if (schema.is_object() && schema.contains("$schema") && schema.contains("properties") &&
                schema["properties"].contains("nodes"))
                return (up / name).lexically_normal().string();
        }
    return {};
}

void make(NewFlags flags, const CLI::App& command, const Context& context) {
    if (flags.list) {
        print_list("Templates:", scenario::new_topologies());
        print_list("Engines:", scenario::new_engines());
        return;
    }
    scenario::NewScenario& wishes = flags.wishes;
    const bool asks = ::isatty(STDIN_FILENO) != 0 && !context.json;
    if (wishes.name.empty() && !asks)
        throw Error(Failure::bad_input, "a new scenario needs a name", "nflab new NAME");
    if (asks) {
        const auto given = [&](const char* flag) { return command.count(flag) > 0; };
        if (wishes.name.empty()) {
            wishes.name = "my-case";
            ask("name", wishes.name, wishes);
        }
        if (!given("--template"))
            ask(fmt::format("template ({})", names(scenario::new_topologies())), wishes.topology,
                wishes);
        if (!given("--engine"))
            ask(fmt::format("engine ({})", names(scenario::new_engines())), wishes.engine, wishes);
        if (!given("--drop"))
            ask("what is dropped (icmp, tcp/PORT, udp/PORT)", wishes.drop, wishes);
        if (!given("--pass"))
            ask("what passes", wishes.pass, wishes);
    }
    if (const std::string wrong = scenario::wrong_wish(wishes); !wrong.empty())
        throw Error(Failure::bad_input, wrong, "`nflab new --list` shows what there is");
    const fs::path file =
        flags.file.empty() ? fs::path(wishes.name + ".yaml") : fs::path(flags.file);
    if (fs::exists(file) && !flags.force)
        throw Error(Failure::bad_input, fmt::format("{} is there already", file.string()),
                    "name another with --output, or write over it with --force");
    wishes.schema = schema_from(fs::absolute(file).parent_path());
    std::ofstream out(file);
    out << scenario::new_scenario(wishes);
    if (!out.flush())
        throw Error(Failure::bad_input, fmt::format("cannot write {}", file.string()));
    if (context.json)
        fmt::print("{}\n", nlohmann::json{{"file", file.string()}}.dump(2));
    else
        fmt::print("{}: run it with `nflab run {}`\n", file.string(), file.string());
}

} // namespace

void add_new(CLI::App& app, Context& context) {
    auto flags = std::make_shared<NewFlags>();
    scenario::NewScenario& wishes = flags->wishes;
    CLI::App* command = app.add_subcommand(
        "new", "Write a commented scenario that passes; asks for what no flag says");
    command->add_option("name", wishes.name, "name of the scenario");
    command->add_option("--template", wishes.topology, "what the lab looks like: router or single")
        ->capture_default_str();
    command->add_option("--engine", wishes.engine, "nftables, iptables-legacy or iptables-nft")
        ->capture_default_str();
    command->add_option("--drop", wishes.drop, "what is dropped: icmp, tcp/PORT or udp/PORT")
        ->capture_default_str();
    command->add_option("--pass", wishes.pass, "what passes")->capture_default_str();
    command->add_option("-o,--output", flags->file, "the file (default: NAME.yaml)");
    command->add_flag("--force", flags->force, "write over a file that is there");
    command->add_flag("--list", flags->list, "list templates and engines");
    command->callback([flags, command, &context] { make(*flags, *command, context); });
}

} // namespace nflab::cli
