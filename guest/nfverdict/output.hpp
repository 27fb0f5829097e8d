// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace nflab::nfverdict {

/// JSON lines on standard output; docs/formats/record.md.
class Output {
  public:
    void line(const nlohmann::json& message);
    void notice(const std::string& text);
    void error(const std::string& text);

    /// Writes out what there is. After that good() tells whether anybody still reads.
    void flush();
    bool good() const { return good_; }

  private:
    std::string buffer_;
    bool good_ = true;
};

} // namespace nflab::nfverdict
