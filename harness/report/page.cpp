// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/page.hpp"

#include "harness/base/xml.hpp"
#include "harness/report/compressed.hpp"
#include "harness/report/json.hpp"
#include "harness/report/page_parts.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include <array>
#include <map>
#include <string_view>
#include <vector>

namespace nflab::report {
namespace {

using nlohmann::json;

constexpr std::array statuses{"failed", "error", "passed", "skipped"};

// As a Content-Security-Policy names what may run: "sha256-…".
std::string source_hash(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
    return "sha256-" + base64({reinterpret_cast<const char*>(digest.data()), size});
}

// In a script element nothing may look like its end; in JSON a '<' stands in strings only.
std::string in_script(const json& data) {
    std::string out;
    for (const char c : dump(data))
        if (c == '<')
            out += "\\u003c";
        else
            out += c;
    return out;
}

std::string kernel_of(const json& cell) {
    const std::string release = cell["release"];
    return release.empty() ? cell["kernel"].get<std::string>() : release;
}

std::int64_t milliseconds_of(const json& cell) {
    std::int64_t total = 0;
    for (const json& phase : cell["phases"])
        total += phase[1].get<std::int64_t>();
    return total;
}

std::string status_html(const std::string& status, const std::string& text) {
    return fmt::format("<span class=\"status {}\">{}</span>", status, text);
}

// Why it is not green, or nothing: the first expectation that does not hold.
std::string note_of(const json& cell, const json& texts) {
    if (const std::string reason = cell["reason"]; !reason.empty())
        return reason;
    for (const json& step : cell["steps"])
        for (const json& check : step["checks"])
            if (!check[2].get<bool>())
                return fmt::format("{}; seen: {}",
                                   texts[check[3].get<std::size_t>()].get<std::string>(),
                                   texts[check[4].get<std::size_t>()].get<std::string>());
    return "";
}

std::string row_html(const json& cell, std::size_t number, const json& texts) {
    std::size_t passed = 0;
    for (const json& step : cell["steps"])
        passed += step["passed"].get<bool>() ? 1 : 0;
    const std::string status = cell["status"];
    return fmt::format(
        "<tr data-cell=\"{}\" data-status=\"{}\"><td>{}</td><td><a href=\"#c{}\">{}</a></td>"
        "<td>{}</td><td class=\"number\">{}</td><td class=\"number\">{:.1f} s</td>"
        "<td class=\"note\">{}</td></tr>\n",
        number, status, status_html(status, status), number,
        xml_escape(cell["scenario"].get<std::string>()), xml_escape(kernel_of(cell)),
        passed == cell["steps"].size() ? std::to_string(passed)
                                       : fmt::format("{} of {}", passed, cell["steps"].size()),
        static_cast<double>(milliseconds_of(cell)) / 1000, xml_escape(note_of(cell, texts)));
}

// Scenarios down, kernels across; only where there are several kernels.
std::string matrix_html(const json& cells) {
    std::vector<std::string> kernels;
    std::vector<std::string> scenarios;
    std::map<std::string, std::map<std::string, std::string>> links;
    const auto add = [](std::vector<std::string>& list, const std::string& name) {
        for (const std::string& each : list)
            if (each == name)
                return;
        list.push_back(name);
    };
    std::size_t number = 0;
    for (const json& cell : cells) {
        const std::string kernel = kernel_of(cell);
        const std::string scenario = cell["scenario"];
        const std::string status = cell["status"];
        add(kernels, kernel);
        add(scenarios, scenario);
        links[scenario][kernel] +=
            fmt::format("<a href=\"#c{}\">{}</a> ", ++number, status_html(status, status));
    }
    if (kernels.size() < 2)
        return "";
    std::string out = "<div class=\"scroll\"><table class=\"matrix\"><thead><tr><th "
                      "scope=\"col\">Scenario</th>";
    for (const std::string& kernel : kernels)
        out += fmt::format("<th scope=\"col\">{}</th>", xml_escape(kernel));
    out += "</tr></thead><tbody>\n";
    for (const std::string& scenario : scenarios) {
        out += fmt::format("<tr><th scope=\"row\">{}</th>", xml_escape(scenario));
        for (const std::string& kernel : kernels)
            out += fmt::format("<td>{}</td>", links[scenario][kernel]);
        out += "</tr>\n";
    }
    return out + "</tbody></table></div>\n<h2>Every cell</h2>\n";
}

std::string headline(const std::map<std::string, std::size_t>& totals, std::size_t cells) {
    const auto bad = [&](const char* status) {
        const auto found = totals.find(status);
        return found == totals.end() ? std::size_t{0} : found->second;
    };
    const std::size_t wrong = bad("failed") + bad("error");
    if (cells == 0)
        return "Nothing has run";
    if (wrong == 0)
        return cells == 1 ? "The cell is good" : fmt::format("All {} cells are good", cells);
    return fmt::format("{} of {} cell{} {} not good", wrong, cells, cells == 1 ? "" : "s",
                       wrong == 1 ? "is" : "are");
}

std::string filled(std::string_view text, const std::map<std::string, std::string>& values) {
    std::string out;
    while (!text.empty()) {
        const std::size_t begin = text.find('@');
        const std::size_t end = begin == std::string_view::npos ? begin : text.find('@', begin + 1);
        out += text.substr(0, begin);
        if (end == std::string_view::npos)
            return out + std::string(begin == std::string_view::npos ? "" : text.substr(begin));
        const auto value = values.find(std::string(text.substr(begin + 1, end - begin - 1)));
        out += value == values.end() ? std::string(text.substr(begin, end - begin + 1))
                                     : value->second;
        text.remove_prefix(end + 1);
    }
    return out;
}

} // namespace

std::string html_page(const json& data) {
    const json& cells = data["cells"];
    const json& texts = data["texts"];
    std::map<std::string, std::size_t> totals;
    std::string rows;
    std::string buttons;
    std::string sums;
    for (const json& cell : cells)
        ++totals[cell["status"]];
    std::size_t number = 0;
    for (const json& cell : cells)
        rows += row_html(cell, ++number, texts);
    for (const char* status : statuses)
        if (totals.contains(status)) {
            sums += status_html(status, fmt::format("{} {}", totals[status], status)) + '\n';
            buttons += fmt::format("<button type=\"button\" class=\"of-overview\" "
                                   "data-status=\"{}\" aria-pressed=\"false\">{}</button>\n",
                                   status, status);
        }
    const std::string began = cells.empty() ? "" : cells.front()["began"].get<std::string>();
    return filled(page_template,
                  {{"SCRIPT", page_script},
                   {"SCRIPT_HASH", source_hash(page_script)},
                   {"STYLE", page_style},
                   {"STYLE_HASH", source_hash(page_style)},
                   {"VERSION", data["nflab"]},
                   {"HEADING", headline(totals, cells.size())},
                   {"SUBHEADING", fmt::format("nflab {}{}{}", data["nflab"].get<std::string>(),
                                              began.empty() ? "" : ", began ", began)},
                   {"TOTALS", sums},
                   {"STATUS_BUTTONS", totals.size() > 1 ? buttons : ""},
                   {"MATRIX", matrix_html(cells)},
                   {"ROWS", rows},
                   {"DATA", in_script(data)}});
}

} // namespace nflab::report
