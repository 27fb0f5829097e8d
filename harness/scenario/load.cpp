// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/scenario/reader.hpp"
#include "harness/scenario/source_text.hpp"

#include <fmt/format.h>

#include <fstream>
#include <string>
#include <system_error>

namespace nflab::scenario {

FileContent read_text_file(const std::string& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status))
        return {std::nullopt, "no such file"};
    // A pipe or device would make us wait or read for ever.
    if (!std::filesystem::is_regular_file(status))
        return {std::nullopt, "not a regular file"};
    std::ifstream in(path, std::ios::binary);
    if (!in)
        return {std::nullopt, "permission denied"};
    std::string text(largest_file + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad())
        return {std::nullopt, "it cannot be read"};
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > largest_file)
        return {std::nullopt, fmt::format("it is too large, {} bytes are the most", largest_file)};
    return {std::move(text), {}};
}

std::vector<Scenario> load_all(const std::filesystem::path& path) {
    const FileContent content = read_text_file(path.string());
    if (!content.text)
        throw Error(Failure::bad_input,
                    fmt::format("cannot read scenario '{}': {}", path.string(), content.problem));
    ReadResult result = read(*content.text, path.string(), read_text_file);
    if (result.scenario) {
        result.others.insert(result.others.begin(), std::move(*result.scenario));
        return std::move(result.others);
    }
    std::string message =
        fmt::format("{} {} in scenario '{}'", result.problems.size(),
                    result.problems.size() == 1 ? "mistake" : "mistakes", path.string());
    for (const auto& problem : result.problems)
        message += '\n' + to_string(problem);
    throw Error(Failure::bad_input, message);
}

Scenario load(const std::filesystem::path& path) {
    return std::move(load_all(path).front());
}

} // namespace nflab::scenario
