// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/record.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>

namespace nflab::nfverdict {

/// A way to observe that gives whole records: the methods other than probe sites through BPF.
class RecordSource {
  public:
    RecordSource() = default;
    virtual ~RecordSource() = default;
    RecordSource(const RecordSource&) = delete;
    RecordSource& operator=(const RecordSource&) = delete;

    /// Becomes readable when there is something to take.
    virtual int fd() const = 0;

    /// Gives away every record of what has happened so far, in its order.
    virtual void take(const std::function<void(const verdict::Record&)>& sink) = 0;

    /// Records that could not be made, from the beginning.
    virtual std::uint64_t lost() = 0;

    /// The "ready" line (docs/formats/record.md).
    virtual nlohmann::json describe() const = 0;
};

} // namespace nflab::nfverdict
