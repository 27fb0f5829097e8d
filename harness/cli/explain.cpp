// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/matrix/scenario_files.hpp"
#include "harness/scenario/prose.hpp"
#include "harness/scenario/reader.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

namespace nflab::cli {
namespace {

std::string prose_of(const std::string& file) {
    scenario::load_all(file); // a scenario with mistakes is not explained but corrected
    const auto content = scenario::read_text_file(file);
    const auto document =
        scenario::whole_document(content.text.value_or(""), file, scenario::read_text_file);
    if (!document)
        throw Error(Failure::bad_input, fmt::format("{} changed while it was read", file));
    return scenario::prose(*document);
}

void explain(const std::vector<std::string>& arguments, const Context& context) {
    auto documents = nlohmann::ordered_json::array();
    bool first = true;
    for (const std::string& file : matrix::scenario_files(arguments)) {
        const std::string text = prose_of(file);
        if (context.json)
            documents.push_back({{"file", file}, {"text", text}});
        else
            fmt::print("{}{}", first ? "" : "\n", text);
        first = false;
    }
    if (context.json)
        fmt::print("{}\n", nlohmann::ordered_json{{"scenarios", documents}}.dump(2));
}

} // namespace

void add_explain(CLI::App& app, Context& context) {
    auto files = std::make_shared<std::vector<std::string>>();
    CLI::App* command = app.add_subcommand(
        "explain", "Tell in prose what scenarios do and expect, without running them");
    command->add_option("scenario", *files, "scenario files, and folders of them")->required();
    command->callback([files, &context] { explain(*files, context); });
}

} // namespace nflab::cli
