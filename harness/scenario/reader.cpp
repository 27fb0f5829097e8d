// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/reader.hpp"

#include "harness/scenario/document.hpp"
#include "harness/scenario/reading.hpp"
#include "harness/scenario/source_text.hpp"

#include <fmt/format.h>

#include <utility>

namespace nflab::scenario {

namespace {

/// Finds what makes a text unfit for the YAML parser; false when it did.
bool check_text(std::string_view text, Problems& problems) {
    if (text.size() > largest_file) {
        problems.add({1, 1},
                     fmt::format("the file is too large: {} bytes, and {} are the most",
                                 text.size(), largest_file),
                     "put rulesets into files of their own, as `{ file: NAME }`");
        return false;
    }
    if (const auto fault = find_fault(text)) {
        problems.add(position_of(text, fault->offset), fault->message,
                     "save the file as UTF-8 text");
        return false;
    }
    return true;
}

/// Nobody reads more than this, and a file of nothing but mistakes has very many.
void limit(std::vector<Diagnostic>& problems) {
    constexpr std::size_t most = 100;
    if (problems.size() <= most)
        return;
    const std::string rest = fmt::format("{} more mistakes are not shown", problems.size() - most);
    problems.resize(most);
    problems.push_back({problems.back().file, problems.back().where, rest, "correct these first"});
}

void read_parts(const Value& document, Reading& reading) {
    const Fields file(document, scenario_object, reading.problems);
    const std::size_t before = reading.problems.list().size();
    read_networks(reading, file);
    read_nodes(reading, file);
    reading.topology_sound = reading.problems.list().size() == before;
    read_header(reading, file);
    read_steps(reading, file);
}

} // namespace

ReadResult read(std::string_view text, const std::string& file_name, const FileReader& files) {
    Problems problems(file_name);
    Scenario scenario;
    scenario.file = file_name;
    std::vector<Diagnostic> of_document;
    if (check_text(text, problems)) {
        if (const auto document = parse_document(text, of_document)) {
            Reading reading{scenario, problems, files};
            read_parts(*document, reading);
        }
    }
    for (const auto& problem : of_document)
        problems.add(problem.where, problem.message, problem.hint);

    ReadResult result;
    result.problems = std::move(problems.list());
    sort(result.problems);
    limit(result.problems);
    for (auto& problem : result.problems) {
        if (problem.file == file_name)
            problem.where = in_characters(text, problem.where);
    }
    if (result.problems.empty())
        result.scenario = std::move(scenario);
    return result;
}

} // namespace nflab::scenario
