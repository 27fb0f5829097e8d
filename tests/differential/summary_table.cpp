// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/session.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <set>

namespace nflab::witness {
namespace {

using nlohmann::json;

std::string cell(const json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

// One row for each name that any kernel has in `member`, one column for each kernel.
std::string by_kernel(const json& summaries, const char* member) {
    std::set<std::string> names;
    std::string out = "| |";
    std::string line = "|---|";
    for (const json& each : summaries) {
        out += fmt::format(" {} |", cell(each["kernel"]));
        line += "---:|";
        for (const auto& [name, count] : each[member].items())
            names.insert(name);
    }
    out += "\n" + line + "\n";
    for (const std::string& name : names) {
        out += fmt::format("| {} |", name);
        for (const json& each : summaries)
            out += fmt::format(" {} |", each[member].value(name, 0));
        out += "\n";
    }
    return out;
}

} // namespace

std::string to_markdown(const json& summaries) {
    std::string out = "| kernel | method | seed | packets | rulesets | records | oracle lines | "
                      "wrong | unexplained | lost | runs repeated | refused | seconds |\n"
                      "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n";
    for (const json& each : summaries) {
        out += "|";
        for (const char* member :
             {"kernel", "method", "seed", "packets", "batches", "records", "oracle_lines", "wrong",
              "unexplained", "lost", "rejected_runs", "refused"})
            out += fmt::format(" {} |", cell(each[member]));
        out += fmt::format(" {:.0f} |\n", each["seconds"].get<double>());
    }
    out += "\nWhat was compared and agreed, by witness:\n\n" + by_kernel(summaries, "agreements");
    out += "\nVerdicts that a trace confirmed:\n\n" + by_kernel(summaries, "verdicts");
    return out;
}

} // namespace nflab::witness
