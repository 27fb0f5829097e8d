// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/whole_document.hpp"

#include "harness/scenario/defaults.hpp"
#include "harness/scenario/include.hpp"
#include "harness/scenario/parameters.hpp"
#include "harness/scenario/problems.hpp"

namespace nflab::scenario {

std::optional<WholeDocument> whole_document(std::string_view text, const std::string& file_name,
                                            const FileReader& files) {
    Problems problems(file_name);
    std::vector<SourceFile> sources;
    auto document = parse_with_includes(text, problems, files, sources);
    if (!document)
        return std::nullopt;
    WholeDocument whole;
    if (const Value* with = document->find("with"))
        whole.parameters = with->entries;
    const std::vector<Choice> choices = take_choices(*document, problems);
    if (choices.empty())
        return std::nullopt;
    whole.document = substitute(*document, choices.front(), problems);
    fill_defaults(whole.document, problems);
    return whole;
}

} // namespace nflab::scenario
