// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/tables/table_view.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

/// `nfverdict tables`: the legacy tables of this network namespace as the kernel holds them.
namespace nflab::nfverdict {

/// For people: one line for each entry, with its place, counters, chain, number and meaning.
std::string to_text(const TableView& table);
nlohmann::json to_json(const TableView& table);

/// Prints all tables that exist; those that do not are neither loaded nor made. Returns the exit
/// code: 0, or 3 when a table that exists cannot be read.
int tables(bool json);

} // namespace nflab::nfverdict
