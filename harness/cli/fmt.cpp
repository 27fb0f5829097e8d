// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/matrix/scenario_files.hpp"
#include "harness/scenario/format.hpp"
#include "harness/scenario/reader.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace nflab::cli {
namespace {

namespace fs = std::filesystem;

struct FmtFlags {
    std::vector<std::string> files;
    bool check = false;
};

// Another file in its place, so that nobody ever reads half of one.
void replace(const fs::path& file, const std::string& text) {
    const fs::path real = fs::canonical(file);
    const fs::path beside = real.parent_path() / fmt::format(".{}.new", real.filename().string());
    std::error_code failed;
    {
        std::ofstream out(beside);
        out << text;
        if (!out.flush())
            throw Error(Failure::bad_input, fmt::format("cannot write {}", beside.string()));
    }
    fs::permissions(beside, fs::status(real).permissions(), failed);
    fs::rename(beside, real, failed);
    if (failed)
        throw Error(Failure::bad_input,
                    fmt::format("cannot write {}: {}", file.string(), failed.message()));
}

std::string text_of(const std::string& file) {
    if (file == "-")
        return {std::istreambuf_iterator<char>(std::cin), {}};
    const auto content = scenario::read_text_file(file);
    if (!content.text)
        throw Error(Failure::bad_input, fmt::format("cannot read {}: {}", file, content.problem));
    return *content.text;
}

void format_files(const FmtFlags& flags, Context& context) {
    std::vector<std::string> changed;
    const bool to_output = flags.files == std::vector<std::string>{"-"};
    const auto files = to_output ? flags.files : matrix::scenario_files(flags.files);
    for (const std::string& file : files) {
        const std::string text = text_of(file);
        scenario::Formatted formatted = scenario::format(text);
        for (scenario::Diagnostic& problem : formatted.problems) {
            problem.file = file;
            fmt::print(stderr, "{}\n", scenario::show(problem, text));
        }
        if (!formatted.text) {
            context.exit_code = static_cast<int>(Failure::bad_input);
            continue;
        }
        if (to_output && !flags.check)
            fmt::print("{}", *formatted.text);
        if (*formatted.text == text)
            continue;
        changed.push_back(file);
        if (!flags.check && !to_output)
            replace(file, *formatted.text);
    }
    if (flags.check && !changed.empty() && context.exit_code == 0)
        context.exit_code = static_cast<int>(Failure::check);
    if (context.json) {
        fmt::print("{}\n", nlohmann::json{{"changed", changed}}.dump(2));
        return;
    }
    if (!to_output || flags.check)
        for (const std::string& file : changed)
            fmt::print("{}{}\n", file, flags.check ? ": is not formatted" : "");
}

} // namespace

void add_fmt(CLI::App& app, Context& context) {
    auto flags = std::make_shared<FmtFlags>();
    CLI::App* command =
        app.add_subcommand("fmt", "Lay out scenario files in one way, with all their comments");
    command
        ->add_option("file", flags->files,
                     "scenario files, and folders of them; - is standard input to standard output")
        ->required();
    command->add_flag("--check", flags->check,
                      "change nothing; exit code 1 when a file would be changed");
    command->callback([flags, &context] { format_files(*flags, context); });
}

} // namespace nflab::cli
