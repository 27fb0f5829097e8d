// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tables/tables.hpp"

#include "guest/nfverdict/legacy/table_reader.hpp"
#include "guest/nfverdict/tables/ebt_tables.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>

namespace nflab::nfverdict {
namespace {

/// Which revisions the kernel knows, asked for once for each extension.
class Revisions {
  public:
    void fill_in(Legacy engine, EntryView& entry) {
        for (Extension& match : entry.matches)
            match.revisions = of(engine, match.name, false);
        // The standard target and a chain's head have none.
        if (!entry.target.name.empty() && entry.place.kind != XtEntry::Kind::chain_head)
            entry.target.revisions = of(engine, entry.target.name, true);
    }

  private:
    const std::vector<int>& of(Legacy engine, const std::string& name, bool target) {
        const auto key = std::tuple(engine, name, target);
        const auto found = known_.find(key);
        if (found != known_.end())
            return found->second;
        return known_.emplace(key, known_revisions(engine, name, target)).first->second;
    }

    std::map<std::tuple<Legacy, std::string, bool>, std::vector<int>> known_;
};

} // namespace

int tables(bool json) {
    nlohmann::json document{{"tables", nlohmann::json::array()},
                            {"problems", nlohmann::json::array()}};
    std::string text;
    Revisions revisions;
    for (const Legacy engine : all_legacy) {
        std::vector<std::string> names;
        try {
            names = engine == Legacy::ebtables ? existing_ebtables()
                                               : existing_tables(engine).value_or(names);
        } catch (const Error& error) {
            document["problems"].push_back(
                fmt::format("ebtables' tables are not shown: {}", error.what()));
        }
        for (const std::string& name : names) {
            try {
                TableView table = view(read_table(engine, name));
                for (EntryView& entry : table.entries)
                    revisions.fill_in(engine, entry);
                text += (text.empty() ? "" : "\n") + to_text(table);
                document["tables"].push_back(to_json(table));
            } catch (const Error& error) {
                document["problems"].push_back(error.what());
            }
        }
    }
    const auto& problems = document["problems"];
    if (json) {
        fmt::print("{}\n", document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    } else {
        fmt::print("{}", text.empty() && problems.empty() ? "no legacy table exists here\n" : text);
        for (const auto& problem : problems)
            fmt::print(stderr, "nfverdict: {}\n", problem.get<std::string>());
    }
    return problems.empty() ? 0 : static_cast<int>(Failure::lab);
}

} // namespace nflab::nfverdict
