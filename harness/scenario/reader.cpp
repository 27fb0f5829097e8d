// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/reader.hpp"

#include "harness/scenario/defaults.hpp"
#include "harness/scenario/include.hpp"
#include "harness/scenario/parameters.hpp"
#include "harness/scenario/reading.hpp"
#include "harness/scenario/source_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

namespace nflab::scenario {

namespace {

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

/// Mistakes in what all variants share are found in each of them.
void remove_repeated(std::vector<Diagnostic>& problems) {
    std::set<std::tuple<std::string, int, int, std::string>> seen;
    const auto repeated = [&](const Diagnostic& problem) {
        return !seen.emplace(problem.file, problem.where.line, problem.where.column,
                             problem.message)
                    .second;
    };
    problems.erase(std::remove_if(problems.begin(), problems.end(), repeated), problems.end());
}

Scenario read_variant(const Value& document, const Choice& choice, Problems& problems,
                      const FileReader& files) {
    Scenario scenario;
    scenario.file = problems.file();
    scenario.included.assign(problems.files().begin() + 1, problems.files().end());
    scenario.parameters = choice.texts();
    Value variant = substitute(document, choice, problems);
    fill_defaults(variant, problems);
    Reading reading{scenario, problems, files};
    read_parts(variant, reading);
    return scenario;
}

} // namespace

ReadResult read(std::string_view text, const std::string& file_name, const FileReader& files) {
    Problems problems(file_name);
    std::vector<SourceFile> sources;
    std::vector<Scenario> variants;
    if (auto document = parse_with_includes(text, problems, files, sources)) {
        for (const Choice& choice : take_choices(*document, problems))
            variants.push_back(read_variant(*document, choice, problems, files));
    }
    ReadResult result;
    result.problems = std::move(problems.list());
    sort(result.problems);
    remove_repeated(result.problems);
    limit(result.problems);
    for (auto& problem : result.problems) {
        for (const auto& source : sources) {
            if (problem.file == source.name)
                problem.where = in_characters(source.text, problem.where);
        }
    }
    if (!result.problems.empty() || variants.empty())
        return result;
    result.scenario = std::move(variants.front());
    result.others.assign(std::make_move_iterator(variants.begin() + 1),
                         std::make_move_iterator(variants.end()));
    return result;
}

} // namespace nflab::scenario
