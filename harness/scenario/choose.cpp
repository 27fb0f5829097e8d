// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/scenario/reader.hpp"
#include "harness/scenario/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace nflab::scenario {

namespace {

using Parameter = std::pair<std::string, std::string>;

const std::string* value_of(const Scenario& scenario, const std::string& name) {
    const auto found =
        std::find_if(scenario.parameters.begin(), scenario.parameters.end(),
                     [&](const Parameter& parameter) { return parameter.first == name; });
    return found == scenario.parameters.end() ? nullptr : &found->second;
}

[[noreturn]] void refuse(const Scenario& scenario, std::string message, const std::string& hint) {
    throw Error(Failure::bad_input, scenario.file + ": " + std::move(message), hint);
}

void check(const std::vector<Scenario>& scenarios, const Parameter& wanted) {
    const Scenario& first = scenarios.front();
    std::vector<std::string> names;
    for (const auto& [name, value] : first.parameters)
        names.push_back(name);
    if (names.empty())
        refuse(first, "the scenario has no parameters", "leave --with out");
    if (value_of(first, wanted.first) == nullptr)
        refuse(first, fmt::format("the scenario has no parameter '{}'", wanted.first),
               suggest(wanted.first, names));
    std::set<std::string> values;
    for (const auto& scenario : scenarios)
        values.insert(*value_of(scenario, wanted.first));
    if (values.find(wanted.second) == values.end())
        refuse(first, fmt::format("parameter '{}' has no value '{}'", wanted.first, wanted.second),
               suggest(wanted.second, {values.begin(), values.end()}));
}

} // namespace

std::vector<Scenario> choose(const std::vector<Scenario>& scenarios,
                             const std::vector<Parameter>& values) {
    for (const auto& wanted : values)
        check(scenarios, wanted);
    std::vector<Scenario> chosen;
    for (const auto& scenario : scenarios) {
        if (std::all_of(values.begin(), values.end(), [&](const Parameter& wanted) {
                return *value_of(scenario, wanted.first) == wanted.second;
            }))
            chosen.push_back(scenario);
    }
    if (chosen.empty())
        refuse(scenarios.front(), "no combination of its parameters is left",
               "ask for fewer of them");
    return chosen;
}

} // namespace nflab::scenario
