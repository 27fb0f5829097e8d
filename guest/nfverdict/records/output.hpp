// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/report/style.hpp"
#include "harness/verdict/record.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>

namespace nflab::nfverdict {

/// The lines of a trace on standard output: JSON (docs/formats/record.md), or text for people,
/// where everything but the records goes to standard error.
class Output {
  public:
    enum class Format { json, text };
    explicit Output(Format format);

    void record(const verdict::Record& record);
    /// Any other line of the format.
    void line(const nlohmann::json& message);
    void notice(const std::string& text);
    void error(const std::string& text);

    /// Writes out what there is. After that good() tells whether anybody still reads.
    void flush();
    bool good() const { return good_; }

  private:
    void add(const std::string& text);

    Format format_;
    report::Style style_;
    std::uint64_t own_netns_ = 0; ///< not shown beside each record
    std::string buffer_;
    bool good_ = true;
};

} // namespace nflab::nfverdict
