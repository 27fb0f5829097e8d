// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/html_report.hpp"

#include "harness/base/error.hpp"
#include "harness/report/output.hpp"
#include "harness/report/page.hpp"
#include "harness/report/pcapng.hpp"

#include <fmt/format.h>

#include <cctype>
#include <fstream>
#include <system_error>
#include <utility>

namespace nflab::report {
namespace fs = std::filesystem;
namespace {

constexpr const char* page_name = "index.html";
constexpr const char* captures_name = "captures";

// Letters, digits, '-', '_' and '.' of a name that people chose.
std::string as_file_name(const std::string& name) {
    std::string out;
    for (const char c : name)
        out += std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.'
                   ? c
                   : '-';
    return out;
}

void make_directory(const fs::path& directory) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error)
        throw Error(Failure::bad_input, fmt::format("cannot make the directory {}: {}",
                                                    directory.string(), error.message()));
}

// What page.html says of itself, near its beginning.
bool holds_report(const fs::path& directory) {
    std::ifstream in(directory / page_name, std::ios::binary);
    std::string beginning(2048, '\0');
    in.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
    return beginning.find("name=\"generator\" content=\"nflab ") != std::string::npos;
}

} // namespace

HtmlReport::HtmlReport(fs::path directory) : directory_(std::move(directory)) {
    make_directory(directory_);
    if (!fs::is_empty(directory_) && !holds_report(directory_))
        throw Error(Failure::bad_input,
                    fmt::format("{} is not empty and holds no report", directory_.string()),
                    "name a directory of its own");
    fs::remove_all(directory_ / captures_name); // an earlier report's
}

void HtmlReport::cell(const CellName& cell, const step::CellOutcome& outcome) {
    std::vector<std::string> files;
    for (std::size_t i = 0; i < outcome.steps.size(); ++i)
        for (const step::CaptureOutcome& capture : outcome.steps[i].captures) {
            make_directory(directory_ / captures_name);
            files.push_back(fmt::format("{}/{}-{}-{}-{}.pcapng", captures_name, cell.index + 1,
                                        as_file_name(outcome.scenario_name), i + 1,
                                        as_file_name(capture.name)));
            Output((directory_ / files.back()).string())
                .write(commented_pcapng(capture, outcome.steps[i]));
        }
    data_.add(cell, outcome, files);
}

void HtmlReport::run_ends() {
    Output((directory_ / page_name).string()).write(html_page(data_.document()));
}

} // namespace nflab::report
