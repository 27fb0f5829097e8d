// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/record.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>

/// From a line of the kretprobe module (docs/formats/kretprobe.md) to records. Pure.
namespace nflab::nfverdict {

class KretprobeRecords {
  public:
    /// The record of a "call" line, if it makes one: a table's or base chain's verdict, and a
    /// hook's drop that no table has told of. Throws nlohmann::json::exception on a line of other
    /// shape.
    std::optional<verdict::Record> next(const nlohmann::json& call);

  private:
    std::uint64_t dropped_skb_ = 0; ///< by a table, and its hook has not returned yet
    int dropped_cpu_ = -1;
};

} // namespace nflab::nfverdict
