// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/scenario/reader.hpp"
#include "harness/scenario/schema.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nflab::cli {

namespace {

struct Options {
    std::vector<std::string> files;
    bool schema = false;
};

/// What reading one file gave; a file that cannot be opened is one problem without a place.
struct Verdict {
    std::string file;
    std::string text;
    scenario::ReadResult result;

    bool good() const { return result.problems.empty(); }
};

Verdict validate(const std::string& file) {
    Verdict verdict{file, {}, {}};
    const auto content = scenario::read_text_file(file);
    if (!content.text) {
        verdict.result.problems.push_back(
            {file, {1, 1}, "cannot read the file: " + content.problem, "name a scenario file"});
        return verdict;
    }
    verdict.text = *content.text;
    verdict.result = scenario::read(verdict.text, file, scenario::read_text_file);
    return verdict;
}

void print_problems(const Verdict& verdict) {
    std::map<std::string, std::string> texts = {{verdict.file, verdict.text}};
    for (const auto& problem : verdict.result.problems) {
        const auto [text, is_new] = texts.try_emplace(problem.file);
        if (is_new)
            text->second = scenario::read_text_file(problem.file).text.value_or("");
        fmt::print(stderr, "{}\n", scenario::show(problem, text->second));
    }
}

void print_summary(const Verdict& verdict) {
    if (!verdict.good()) {
        print_problems(verdict);
        return;
    }
    const auto& scenario = *verdict.result.scenario;
    const auto variants = verdict.result.others.size() + 1;
    fmt::print("{}: ok: '{}', nodes: {}, steps: {}{}\n", verdict.file, scenario.name,
               scenario.nodes.size(), scenario.steps.size(),
               variants == 1 ? "" : fmt::format(", variants: {}", variants));
}

nlohmann::ordered_json as_json(const Verdict& verdict) {
    auto problems = nlohmann::ordered_json::array();
    for (const auto& problem : verdict.result.problems)
        problems.push_back({{"file", problem.file},
                            {"line", problem.where.line},
                            {"column", problem.where.column},
                            {"message", problem.message},
                            {"hint", problem.hint}});
    return {{"file", verdict.file}, {"ok", verdict.good()}, {"problems", problems}};
}

void run(const Options& options, Context& context) {
    if (options.schema) {
        fmt::print("{}\n", scenario::schema().dump(2));
        return;
    }
    auto files = nlohmann::ordered_json::array();
    for (const auto& file : options.files) {
        const Verdict verdict = validate(file);
        if (!verdict.good())
            context.exit_code = static_cast<int>(Failure::bad_input);
        if (context.json)
            files.push_back(as_json(verdict));
        else
            print_summary(verdict);
    }
    if (context.json)
        fmt::print("{}\n", nlohmann::ordered_json{{"files", files}}.dump(2));
}

} // namespace

void add_validate(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand(
        "validate", "Check scenario files without a lab; exit code 2 when there are mistakes");
    const auto options = std::make_shared<Options>();
    auto* files = command->add_option("file", options->files, "scenario files");
    auto* schema = command->add_flag("--schema", options->schema,
                                     "print the JSON Schema that scenarios/schema.json must be");
    files->excludes(schema);
    command->callback([options, &context] {
        if (options->files.empty() && !options->schema)
            throw CLI::RequiredError("file");
        run(*options, context);
    });
}

} // namespace nflab::cli
