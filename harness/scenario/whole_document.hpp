// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/document.hpp"
#include "harness/scenario/reader.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nflab::scenario {

struct WholeDocument {
    Value document; ///< of the first combination of `with`; `defaults` are written out
    std::vector<Entry> parameters; ///< `with` as written; empty without it
};

/// What a scenario says once all that it includes is put in. Nothing when it cannot be parsed; what
/// else is wrong is read()'s to say.
std::optional<WholeDocument> whole_document(std::string_view text, const std::string& file_name,
                                            const FileReader& files);

} // namespace nflab::scenario
