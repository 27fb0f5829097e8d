// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/include.hpp"

#include "harness/scenario/fields.hpp"
#include "harness/scenario/source_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace nflab::scenario {

namespace {

constexpr std::size_t most_files = 32;

bool is_joined(std::string_view key) {
    return key == "steps" || key == "requires" || key == "include";
}

/// `requires: a` is short for `requires: [a]`.
std::vector<Value> items_of(Value value) {
    if (value.kind == Value::Kind::sequence)
        return std::move(value.items);
    return {std::move(value)};
}

Value joined(Value first, Value second) {
    Value all;
    all.kind = Value::Kind::sequence;
    all.where = second.where;
    all.items = items_of(std::move(first));
    for (auto& item : items_of(std::move(second)))
        all.items.push_back(std::move(item));
    return all;
}

Value merged(Value base, Value over) {
    if (base.kind != Value::Kind::map || over.kind != Value::Kind::map)
        return over;
    base.where = over.where;
    for (auto& entry : over.entries) {
        const auto same = std::find_if(base.entries.begin(), base.entries.end(),
                                       [&](const Entry& old) { return old.key == entry.key; });
        if (same == base.entries.end()) {
            base.entries.push_back(std::move(entry));
            continue;
        }
        same->where = entry.where;
        same->value = is_joined(entry.key) ? joined(std::move(same->value), std::move(entry.value))
                                           : merged(std::move(same->value), std::move(entry.value));
    }
    return base;
}

class Includer {
  public:
    Includer(Problems& problems, const FileReader& files, std::vector<SourceFile>& sources)
        : problems_(problems), files_(files), sources_(sources) {}

    std::optional<Value> parse(std::string_view text, int file) {
        if (!check_text(text, file))
            return std::nullopt;
        std::vector<Diagnostic> wrong;
        auto document = parse_document(text, wrong, file);
        for (const auto& problem : wrong)
            problems_.add(problem.where, problem.message, problem.hint);
        if (!document)
            return std::nullopt;
        const Value* list = document->find("include");
        if (list == nullptr)
            return document;
        std::optional<Value> whole;
        for (const auto& name : texts_of(*list)) {
            auto part = read_part(name, file);
            if (part)
                whole = whole ? merged(std::move(*whole), std::move(*part)) : std::move(part);
        }
        return whole ? merged(std::move(*whole), std::move(*document)) : std::move(document);
    }

  private:
    /// Finds what makes a text unfit for the YAML parser; false when it did.
    bool check_text(std::string_view text, int file) {
        if (text.size() > largest_file) {
            problems_.add({1, 1, file},
                          fmt::format("the file is too large: {} bytes, and {} are the most",
                                      text.size(), largest_file),
                          "put rulesets into files of their own, as `{ file: NAME }`");
            return false;
        }
        if (const auto fault = find_fault(text)) {
            Position where = position_of(text, fault->offset);
            where.file = file;
            problems_.add(where, fault->message, "save the file as UTF-8 text");
            return false;
        }
        return true;
    }

    std::optional<Value> read_part(const Text& name, int file) {
        const std::filesystem::path folder =
            std::filesystem::path(problems_.file({0, 0, file})).parent_path();
        const std::string path = (folder / name.text).lexically_normal().string();
        if (!path.ends_with(part_suffix)) {
            problems_.add(
                name.where,
                fmt::format("an included file is named NAME{}, not '{}'", part_suffix, name.text),
                "rename it, so that nobody takes it for a scenario");
            return std::nullopt;
        }
        if (!may_open(path, name.where))
            return std::nullopt;
        const FileContent content = files_(path);
        if (!content.text) {
            problems_.add(name.where, fmt::format("cannot read '{}': {}", path, content.problem),
                          "a relative path starts at the folder of the file that includes it");
            return std::nullopt;
        }
        const int number = problems_.add_file(path);
        sources_.push_back({path, *content.text});
        open_.push_back(path);
        auto part = parse(*content.text, number);
        open_.pop_back();
        if (part && !check_part(*part))
            return std::nullopt;
        return part;
    }

    bool may_open(const std::string& path, Position where) {
        if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
            problems_.add(
                where,
                fmt::format("'{}' includes itself: {} -> {}", path, fmt::join(open_, " -> "), path),
                "break the circle");
            return false;
        }
        if (sources_.size() >= most_files) {
            problems_.add(where, fmt::format("a scenario of more than {} files", most_files),
                          "include fewer");
            return false;
        }
        return true;
    }

    bool check_part(const Value& part) {
        if (part.kind != Value::Kind::map) {
            problems_.add(part.where, "an included file holds a mapping of keys to values",
                          "write keys of a scenario, such as `nodes:`");
            return false;
        }
        if (const Value* own = part.find("name"))
            problems_.add(own->where, "an included file has no name of its own",
                          "leave `name` out: the scenario that includes it has one");
        return true;
    }

    Problems& problems_;
    const FileReader& files_;
    std::vector<SourceFile>& sources_;
    std::vector<std::string> open_; ///< files that include the one that is being read
};

} // namespace

std::optional<Value> parse_with_includes(std::string_view text, Problems& problems,
                                         const FileReader& files,
                                         std::vector<SourceFile>& sources) {
    sources.push_back({problems.file(), std::string(text)});
    return Includer(problems, files, sources).parse(text, 0);
}

} // namespace nflab::scenario
