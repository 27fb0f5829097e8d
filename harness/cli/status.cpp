// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/lab/lab.hpp"
#include "harness/lab/session.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <optional>

namespace nflab::cli {
namespace {

struct LabReport {
    lab::Running lab;
    std::optional<lab::LabStatus> status; ///< absent while it comes up, or when it does not answer
    std::string problem;
};

std::vector<LabReport> look() {
    std::vector<LabReport> reports;
    for (const lab::Running& each : lab::list()) {
        LabReport report{each, {}, {}};
        try {
            if (each.ready)
                report.status = lab::Session::connect(each.name).status();
        } catch (const Error& error) { // one lab that is in trouble must not hide the others
            report.problem = error.what();
        }
        reports.push_back(std::move(report));
    }
    return reports;
}

const char* kind_name(scenario::NodeKind kind) {
    return kind == scenario::NodeKind::vm ? "vm" : "netns";
}

nlohmann::json to_json(const LabReport& report) {
    nlohmann::json out{{"name", report.lab.name},
                       {"supervisor", report.lab.supervisor},
                       {"ready", report.lab.ready}};
    if (!report.problem.empty())
        out["problem"] = report.problem;
    if (!report.status)
        return out;
    out["uptime_s"] = report.status->uptime.count();
    for (const lab::NodeStatus& node : report.status->nodes) {
        nlohmann::json each{{"name", node.name},
                            {"kind", kind_name(node.kind)},
                            {"kernel", node.kernel},
                            {"state", node.state}};
        if (node.memory_kib)
            each["memory_kib"] = node.memory_kib;
        if (!node.detail.empty())
            each["detail"] = node.detail;
        if (!node.problems.empty())
            each["problems"] = node.problems;
        out["nodes"].push_back(std::move(each));
    }
    return out;
}

std::string duration(std::chrono::seconds time) {
    const auto seconds = time.count();
    if (seconds < 60)
        return fmt::format("{} s", seconds);
    if (seconds < 3600)
        return fmt::format("{} min {} s", seconds / 60, seconds % 60);
    return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
}

using Row = std::array<std::string, 7>;

void print_table(const std::vector<Row>& rows) {
    std::array<std::size_t, 7> widths{};
    for (const Row& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    for (const Row& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line += fmt::format("{:<{}}  ", row[i], widths[i]);
        line.erase(line.find_last_not_of(' ') + 1);
        fmt::print("{}\n", line);
    }
}

void print(const std::vector<LabReport>& reports) {
    if (reports.empty()) {
        fmt::print("no lab is up\n");
        return;
    }
    std::vector<Row> rows{{"LAB", "NODE", "KIND", "KERNEL", "STATE", "UPTIME", "MEMORY"}};
    std::string details;
    for (const LabReport& report : reports) {
        if (!report.status)
            rows.push_back({report.lab.name, "-", "-", "-",
                            report.problem.empty() ? "coming up" : "no answer", "-", "-"});
        if (!report.problem.empty())
            details += report.problem + "\n";
        if (!report.status)
            continue;
        for (const lab::NodeStatus& node : report.status->nodes) {
            rows.push_back({report.lab.name, node.name, kind_name(node.kind), node.kernel,
                            node.state, duration(report.status->uptime),
                            node.memory_kib ? fmt::format("{} MiB", node.memory_kib / 1024) : "-"});
            if (!node.detail.empty())
                details += node.detail + "\n";
            for (const std::string& problem : node.problems)
                details += fmt::format("{}: {}\n", node.name, problem);
        }
    }
    print_table(rows);
    if (!details.empty())
        fmt::print("\n{}", details);
}

} // namespace

void add_status(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("status", "The labs that are up, and their nodes");
    command->callback([&context] {
        const std::vector<LabReport> reports = look();
        if (!context.json) {
            print(reports);
            return;
        }
        nlohmann::json labs = nlohmann::json::array();
        for (const LabReport& report : reports)
            labs.push_back(to_json(report));
        fmt::print("{}\n", nlohmann::json{{"labs", labs}}.dump(2));
    });
}

} // namespace nflab::cli
