// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/sites/table.hpp"

#include "harness/sites/probed.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace nflab::sites {

namespace {

using Agreement = DebugFinding::Agreement;
using State = FunctionReport::State;

constexpr std::array agreement_names = {"agrees", "differs", "unknown"};
constexpr std::array state_names = {"resolved", "refused", "absent"};

nlohmann::json to_json(const FunctionReport& report) {
    nlohmann::json document = {
        {"module", report.module},
        {"function", report.function},
        {"state", state_names.at(static_cast<std::size_t>(report.state))},
    };
    if (report.state == State::absent)
        return document;
    document["compiler"] = report.compiler;
    document["milliseconds"] = report.milliseconds;
    if (report.state == State::refused) {
        document["refused"] = {{"step", report.refusal.step}, {"reason", report.refusal.reason}};
        return document;
    }
    document["build_id"] = report.sites.build_id;
    document["layout"] = report.sites.layout;
    document["checks"] = report.sites.checks;
    for (const DescribedSite& site : report.sites.sites) {
        nlohmann::json values = nlohmann::json::object();
        for (const DescribedValue& value : site.values)
            values[value.name] = sites::to_text(value.at);
        document["sites"].push_back({{"name", site.name},
                                     {"symbol", site.at.symbol},
                                     {"offset", site.at.offset},
                                     {"values", std::move(values)}});
    }
    for (const DebugFinding& finding : report.findings)
        document["debug_symbols"].push_back(
            {{"site", finding.site},
             {"value", finding.value},
             {"variable", finding.variable},
             {"resolved", finding.resolved},
             {"debug_symbols", finding.debug},
             {"agreement", agreement_names.at(static_cast<std::size_t>(finding.agreement))}});
    if (!report.debug_problem.empty())
        document["debug_symbols_unusable"] = report.debug_problem;
    return document;
}

std::string values_text(const DescribedSite& site) {
    std::string text;
    for (const DescribedValue& value : site.values)
        text += fmt::format("  {} {}", value.name, sites::to_text(value.at));
    return text;
}

std::size_t count(const std::vector<DebugFinding>& findings, Agreement agreement) {
    return static_cast<std::size_t>(
        std::count_if(findings.begin(), findings.end(),
                      [&](const DebugFinding& finding) { return finding.agreement == agreement; }));
}

std::string to_text(const FunctionReport& report) {
    const std::string head = fmt::format("  {:<14} ", report.function);
    if (report.state == State::absent)
        return fmt::format("{}no module {}\n", head, report.module);
    if (report.state == State::refused)
        return fmt::format("{}REFUSED at {}: {}\n", head, report.refusal.step,
                           report.refusal.reason);
    std::string text = fmt::format("{}{}, {}, {:.1f} ms, build-id {}\n", head, report.compiler,
                                   report.sites.layout, report.milliseconds, report.sites.build_id);
    for (const DescribedSite& site : report.sites.sites)
        text += fmt::format("    {:<16} {:<7}{}\n", site.name, sites::to_text(site.at, report.function),
                            values_text(site));
    for (const std::string& check : report.sites.checks)
        text += fmt::format("    checked: {}\n", check);
    if (!report.debug_problem.empty())
        text += fmt::format("    debug symbols cannot be used: {}\n", report.debug_problem);
    if (!report.findings.empty())
        text += fmt::format("    debug symbols: {} values agree, {} differ, {} unknown to them\n",
                            count(report.findings, Agreement::agrees),
                            count(report.findings, Agreement::differs),
                            count(report.findings, Agreement::unknown));
    for (const DebugFinding& finding : report.findings) {
        if (finding.agreement != Agreement::agrees)
            text += fmt::format("      {} at {}: {} {}; the variable {}: {}\n", finding.value,
                                finding.site,
                                finding.agreement == Agreement::differs ? "DIFFERS," : "resolved",
                                finding.resolved, finding.variable, finding.debug);
    }
    return text;
}

/// "+0x1d5"; a dash where the kernel has no such site.
std::string place(const FunctionReport& report, const std::string& site) {
    const DescribedSite* found = report.sites.find(site);
    return found ? sites::to_text(found->at, report.function) : "–";
}

std::string value(const FunctionReport& report, const std::string& site, const std::string& name) {
    if (const DescribedSite* found = report.sites.find(site)) {
        for (const DescribedValue& each : found->values) {
            if (each.name == name)
                return sites::to_text(each.at);
        }
    }
    return "–";
}

/// What the debug symbols said about a function: "agree 9/9 +2" is nine of nine, and two values
/// that they do not place.
std::string debug_cell(const KernelReport& kernel, const FunctionReport& report) {
    if (!kernel.has_debug_symbols)
        return "–";
    if (!report.debug_problem.empty() || report.findings.empty())
        return "unusable";
    const std::size_t agree = count(report.findings, Agreement::agrees);
    const std::size_t differ = count(report.findings, Agreement::differs);
    return fmt::format("{}{} of {}", differ ? "**no**, " : "yes, ", agree, agree + differ);
}

std::string row(const KernelReport& kernel, const FunctionReport& report, bool nft) {
    std::string text = fmt::format("| {} | {} ", kernel.release, kernel.version);
    if (report.state == State::refused)
        return text + fmt::format("| **refused** at {}: {} |\n", report.refusal.step,
                                  report.refusal.reason);
    text += fmt::format("| {} ", report.compiler);
    if (nft)
        text += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} ", place(report, "verdict"),
                            place(report, "traced verdict"), place(report, "policy"),
                            value(report, "verdict", "rule"), value(report, "verdict", "pkt"),
                            value(report, "verdict", "base chain"),
                            value(report, "verdict", "registers"), report.sites.layout);
    else
        text += fmt::format(
            "| {} | {} | {} | {} | {} | {} ", place(report, "matched entry"),
            place(report, "target's verdict"), value(report, "matched entry", "entry"),
            value(report, "matched entry", "skb"), value(report, "matched entry", "table"),
            value(report, "matched entry", "state"));
    return text + fmt::format("| {} | `{}` |\n", debug_cell(kernel, report),
                              report.sites.build_id.substr(0, 12));
}

std::string head(bool nft) {
    const std::string columns =
        nft ? "S | S2 | policy | rule | pkt | base chain | verdict code | layout"
            : "S | R | entry | skb | table | state";
    const auto bars = static_cast<std::size_t>(std::count(columns.begin(), columns.end(), '|'));
    std::string line = "|---|---|---|";
    for (std::size_t i = 0; i < bars + 3; ++i)
        line += "---|";
    return fmt::format("| kernel | package | compiler | {} | DWARF agrees | build-id |\n{}\n",
                       columns, line);
}

} // namespace

nlohmann::json to_json(const std::vector<KernelReport>& reports) {
    nlohmann::json document = nlohmann::json::array();
    for (const KernelReport& report : reports) {
        nlohmann::json kernel = {{"release", report.release},
                                 {"version", report.version},
                                 {"suite", report.suite},
                                 {"unsigned", report.is_unsigned},
                                 {"debug_symbols", report.has_debug_symbols},
                                 {"functions", nlohmann::json::array()}};
        for (const FunctionReport& function : report.functions)
            kernel["functions"].push_back(to_json(function));
        if (!report.problem.empty())
            kernel["problem"] = report.problem;
        document.push_back(std::move(kernel));
    }
    return document;
}

std::string to_text(const std::vector<KernelReport>& reports) {
    std::string text;
    for (const KernelReport& report : reports) {
        text += fmt::format("{}  {} {}{}\n", report.release, report.version, report.suite,
                            report.is_unsigned ? ", unsigned" : "");
        if (!report.problem.empty())
            text += fmt::format("  {}\n", report.problem);
        for (const FunctionReport& function : report.functions)
            text += to_text(function);
    }
    return text;
}

std::string to_markdown(const std::vector<KernelReport>& reports) {
    std::string text;
    for (std::size_t i = 0; i < all_probed().size(); ++i) {
        const bool nft = all_probed()[i].module == "nf_tables";
        text += fmt::format("## {}\n\n{}", all_probed()[i].function, head(nft));
        std::string absent;
        for (const KernelReport& report : reports) {
            if (i >= report.functions.size())
                continue;
            if (report.functions[i].state == State::absent)
                absent += fmt::format("{}{}", absent.empty() ? "" : ", ", report.release);
            else
                text += row(report, report.functions[i], nft);
        }
        if (!absent.empty())
            text += fmt::format("\nWithout a module {}: {}.\n", all_probed()[i].module, absent);
        text += "\n";
    }
    return text;
}

std::string summary(const std::vector<KernelReport>& reports) {
    std::string text = fmt::format("{} kernels", reports.size());
    std::size_t problems = 0;
    for (const KernelReport& report : reports)
        problems += report.problem.empty() ? 0 : 1;
    if (problems)
        text += fmt::format(", {} could not be read", problems);
    for (std::size_t i = 0; i < all_probed().size(); ++i) {
        std::array<std::size_t, 3> states{};
        std::size_t compared = 0;
        std::array<std::size_t, 3> values{};
        double slowest = 0;
        for (const KernelReport& report : reports) {
            if (i >= report.functions.size())
                continue;
            const FunctionReport& function = report.functions[i];
            ++states.at(static_cast<std::size_t>(function.state));
            slowest = std::max(slowest, function.milliseconds);
            compared += function.findings.empty() ? 0 : 1;
            for (const DebugFinding& finding : function.findings)
                ++values.at(static_cast<std::size_t>(finding.agreement));
        }
        text += fmt::format("\n{:<14} {} resolved, {} refused, {} absent; at most {:.1f} ms",
                            all_probed()[i].function, states[0], states[1], states[2], slowest);
        if (compared)
            text += fmt::format("; {} compared with debug symbols: {} values agree, {} differ, {} "
                                "unknown to them",
                                compared, values[0], values[1], values[2]);
    }
    return text + "\n";
}

} // namespace nflab::sites
