// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/legacy/raw_table.hpp"

#include <optional>
#include <string>
#include <vector>

/// Legacy tables of the network namespace that the caller is in, by getsockopt.
namespace nflab::nfverdict {

/// Asking for a table that does not exist would make it: ask for those of existing_tables() only,
/// or for one that a packet has been seen in. Throws Error(lab).
RawTable read_table(Legacy engine, const std::string& table);

/// The tables of this engine that exist here, and nothing is loaded or made by asking. Nothing
/// when the kernel does not tell.
std::optional<std::vector<std::string>> existing_tables(Legacy engine);

/// The revisions of a match or target that the kernel knows, by *_SO_GET_REVISION_*. Ask only about
/// one that is in use, since others would be loaded. Empty where there is no such question:
/// ebtables has none, and arptables only one about targets.
std::vector<int> known_revisions(Legacy engine, const std::string& extension, bool target);

} // namespace nflab::nfverdict
