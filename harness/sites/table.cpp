// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/sites/table.hpp"

#include "harness/sites/probed.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <functional>

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
        text += fmt::format("    {:<16} {:<7}{}\n", site.name,
                            sites::to_text(site.at, report.function), values_text(site));
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

/// In a cell of which the kernel has nothing.
const std::string absent = "–";

/// "+0x1d5"
std::string place(const FunctionReport& report, const std::string& site) {
    const DescribedSite* found = report.sites.find(site);
    return found ? sites::to_text(found->at, report.function) : absent;
}

std::string value(const FunctionReport& report, const std::string& site, const std::string& name) {
    if (const DescribedSite* found = report.sites.find(site)) {
        for (const DescribedValue& each : found->values) {
            if (each.name == name)
                return sites::to_text(each.at);
        }
    }
    return absent;
}

/// "yes, 9 of 9": of the values that the debug symbols place.
std::string debug_cell(const KernelReport& kernel, const FunctionReport& report) {
    if (!kernel.has_debug_symbols)
        return absent; // the archive has none
    if (!report.debug_problem.empty() || report.findings.empty())
        return "unusable";
    const std::size_t agree = count(report.findings, Agreement::agrees);
    const std::size_t differ = count(report.findings, Agreement::differs);
    return fmt::format("{}{} of {}", differ ? "**no**, " : "yes, ", agree, agree + differ);
}

/// Of a legacy engine: where it is at hand at S, or at the function's entry, before S.
std::string table_place(const FunctionReport& report) {
    const std::string at_entry = value(report, "entry", "table");
    return at_entry == absent ? value(report, "matched entry", "table")
                              : fmt::format("{} on entry", at_entry);
}

std::vector<std::string> columns(bool nft) {
    if (nft)
        return {"kernel", "package",    "compiler",     "S",      "S2",           "policy",  "rule",
                "pkt",    "base chain", "verdict code", "layout", "DWARF agrees", "build-id"};
    return {"kernel",  "package",      "compiler", "S",   "R",
            "hotdrop", "policy",       "entry",    "skb", "table",
            "state",   "DWARF agrees", "build-id"};
}

std::vector<std::string> cells(const KernelReport& kernel, const FunctionReport& report, bool nft) {
    std::vector<std::string> cells = {kernel.release, kernel.version, report.compiler};
    if (report.state == State::refused) {
        cells.push_back(
            fmt::format("**refused** at {}: {}", report.refusal.step, report.refusal.reason));
        cells.resize(columns(nft).size());
        return cells;
    }
    if (nft)
        cells.insert(cells.end(),
                     {place(report, "verdict"), place(report, "traced verdict"),
                      place(report, "policy"), value(report, "verdict", "rule"),
                      value(report, "verdict", "pkt"), value(report, "verdict", "base chain"),
                      value(report, "verdict", "registers"), report.sites.layout});
    else
        cells.insert(cells.end(), {place(report, "matched entry"),
                                   place(report, "target's verdict"), place(report, "hotdrop"),
                                   place(report, "policy"), value(report, "matched entry", "entry"),
                                   value(report, "matched entry", "skb"), table_place(report),
                                   value(report, "matched entry", "state")});
    cells.push_back(debug_cell(kernel, report));
    cells.push_back(fmt::format("`{}`", report.sites.build_id.substr(0, 12)));
    return cells;
}

std::string row(const std::vector<std::string>& cells) {
    return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string head(bool nft) {
    return fmt::format("{}|{}\n", row(columns(nft)),
                       fmt::join(std::vector<std::string>(columns(nft).size(), "---|"), ""));
}

std::string names(const std::vector<KernelReport>& reports,
                  const std::function<bool(const KernelReport&)>& wanted) {
    std::vector<std::string> names;
    for (const KernelReport& report : reports) {
        if (wanted(report))
            names.push_back(report.release);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

const std::string introduction =
    R"(# The probe sites of Debian's kernels

<!-- Written by `make sites-table`; do not edit. -->

Every kernel that could be installed from Debian's archive (bullseye to experimental, with security,
updates and backports) on the day this was made, and what `guest/probesite` finds in its modules;
[probe-sites.md](probe-sites.md) says how, and what the columns mean. Offsets are into the function
named above each table, or into the one that the cell names; `[rsp+n]` is the stack at that
instruction. "DWARF agrees" compares, at each site, each value that the compiler's own location lists
place: a dash means that the archive has no debug symbols of that kernel, or that they were not
fetched.

)";

/// What was resolved, refused and compared; no times, so that the text is the same each time.
std::string counts(const std::vector<KernelReport>& reports, std::size_t function) {
    std::array<std::size_t, state_names.size()> states{};
    std::array<std::size_t, agreement_names.size()> values{};
    std::size_t compared = 0;
    for (const KernelReport& report : reports) {
        if (function >= report.functions.size())
            continue;
        const FunctionReport& each = report.functions[function];
        ++states.at(static_cast<std::size_t>(each.state));
        compared += each.findings.empty() ? 0 : 1;
        for (const DebugFinding& finding : each.findings)
            ++values.at(static_cast<std::size_t>(finding.agreement));
    }
    std::string text =
        fmt::format("{:<14} {} resolved, {} refused, {} absent", all_probed()[function].function,
                    states[0], states[1], states[2]);
    if (compared)
        text += fmt::format("; {} compared with debug symbols: {} values agree, {} differ, {} "
                            "unknown to them",
                            compared, values[0], values[1], values[2]);
    return text;
}

std::string counts(const std::vector<KernelReport>& reports) {
    const auto number = [&](bool gone) {
        return std::count_if(reports.begin(), reports.end(), [&](const KernelReport& each) {
            return !each.problem.empty() && each.is_gone == gone;
        });
    };
    std::string text = fmt::format("{} kernels", reports.size());
    if (number(true))
        text += fmt::format(", {} of them listed, but gone from the archive", number(true));
    if (number(false))
        text += fmt::format(", {} of them could not be read", number(false));
    text += "\n";
    for (std::size_t i = 0; i < all_probed().size(); ++i)
        text += counts(reports, i) + "\n";
    return text;
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
        if (report.is_gone)
            kernel["gone"] = true;
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
        if (!report.without_debug_symbols.empty())
            text += fmt::format("  without debug symbols: {}\n", report.without_debug_symbols);
        for (const FunctionReport& function : report.functions)
            text += to_text(function);
    }
    return text;
}

std::string to_markdown(const std::vector<KernelReport>& reports) {
    std::string text = introduction + fmt::format("```\n{}```\n\n", counts(reports));
    for (std::size_t i = 0; i < all_probed().size(); ++i) {
        const bool nft = all_probed()[i].module == "nf_tables";
        text += fmt::format("## {}\n\n{}", all_probed()[i].function, head(nft));
        for (const KernelReport& report : reports) {
            if (i < report.functions.size() && report.functions[i].state != State::absent)
                text += row(cells(report, report.functions[i], nft));
        }
        const std::string without = names(reports, [&](const KernelReport& each) {
            return i < each.functions.size() && each.functions[i].state == State::absent;
        });
        if (!without.empty())
            text += fmt::format("\nWithout a module {}: {}.\n", all_probed()[i].module, without);
        text += "\n";
    }
    const std::string gone = names(reports, [](const KernelReport& each) { return each.is_gone; });
    if (!gone.empty())
        text += fmt::format("Listed, but gone from the archive: {}.\n", gone);
    return text;
}

std::string summary(const std::vector<KernelReport>& reports) {
    double slowest = 0;
    for (const KernelReport& report : reports)
        slowest = std::max(slowest, milliseconds(report));
    return fmt::format("{}resolving took at most {:.1f} ms of a processor for one kernel\n",
                       counts(reports), slowest);
}

} // namespace nflab::sites
