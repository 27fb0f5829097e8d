// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/ruleset_reader.hpp"

#include "harness/scenario/source_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

namespace nflab::scenario {

namespace {

/// Reads the file that a ruleset names; false when it cannot, which has been reported.
bool read_file(Reading& reading, const Fields& fields, Ruleset& ruleset) {
    const std::string name = fields.text("file");
    if (name.empty())
        return false;
    const std::filesystem::path folder =
        std::filesystem::path(reading.problems.file(fields.where())).parent_path();
    ruleset.file = (folder / name).lexically_normal().string();
    const FileContent content = reading.files(ruleset.file);
    if (!content.text) {
        reading.problems.add(fields.where("file"),
                             fmt::format("cannot read '{}': {}", ruleset.file, content.problem),
                             "a relative path starts at the folder of the file that names it");
        return false;
    }
    if (const auto fault = find_fault(*content.text)) {
        reading.problems.add_in(
            ruleset.file, in_characters(*content.text, position_of(*content.text, fault->offset)),
            fault->message, "write the ruleset as UTF-8 text");
        return false;
    }
    ruleset.text = *content.text;
    ruleset.where = {1, 1};
    return true;
}

/// The line, from 0, of a table that no COMMIT follows.
std::optional<int> uncommitted_table(std::string_view text) {
    std::optional<int> open;
    int number = 0;
    for (std::size_t start = 0; start < text.size(); ++number) {
        const auto end = std::min(text.find('\n', start), text.size());
        const std::string_view line = text.substr(start, end - start);
        if (line.rfind('*', 0) == 0)
            open = number;
        else if (line.rfind("COMMIT", 0) == 0)
            open.reset();
        start = end + 1;
    }
    return open;
}

void check_committed(Reading& reading, const Ruleset& ruleset) {
    const auto table = uncommitted_table(ruleset.text);
    if (!table)
        return;
    const Position where{ruleset.where.line + *table, ruleset.where.column, ruleset.where.file};
    const std::string& file =
        ruleset.file.empty() ? reading.problems.file(ruleset.where) : ruleset.file;
    reading.problems.add_in(file, where, "no COMMIT follows this table, so nothing of it is loaded",
                            "end the table with a line `COMMIT`");
}

void read_ruleset(Reading& reading, const std::string& node, const Entry& entry,
                  std::vector<Ruleset>& rulesets) {
    Ruleset ruleset;
    ruleset.node = node;
    ruleset.engine = entry.key;
    if (entry.value.kind == Value::Kind::map) {
        const Fields fields(entry.value, ruleset_file_object, reading.problems);
        if (!read_file(reading, fields, ruleset))
            return;
    } else {
        ruleset.text = entry.value.text;
        ruleset.where = entry.value.where;
        if (entry.value.block)
            ruleset.where = {ruleset.where.line + 1, 1, ruleset.where.file};
    }
    if (ruleset.text.empty() || ruleset.text.back() != '\n')
        ruleset.text += '\n';
    // What arptables and ebtables save has no such line.
    if (ruleset.engine.rfind("ip", 0) == 0)
        check_committed(reading, ruleset);
    rulesets.push_back(std::move(ruleset));
}

} // namespace

void read_rulesets(Reading& reading, const Entry& entry, std::vector<Ruleset>& rulesets) {
    const Node* node = require_node(reading, {entry.key, entry.where});
    if (node != nullptr && node->kind == NodeKind::netns)
        reading.problems.add(entry.where,
                             fmt::format("rulesets for the netns node '{}', whose kernel is this "
                                         "machine's and not the one under test",
                                         node->name),
                             "make it `kind: vm`, or apply them to a vm node");
    const Fields fields(entry.value, rulesets_object, reading.problems);
    for (const auto& engine : entry.value.entries) {
        if (fields.get(engine.key) != nullptr)
            read_ruleset(reading, entry.key, engine, rulesets);
    }
}

} // namespace nflab::scenario
