// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/error.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

/// What the lab daemon tells the command that starts the lab: one JSON object per line.
namespace nflab::lab {

/// The daemon's end. A starter that is gone is no error here: the supervisor looks after that.
class LeashReport {
  public:
    explicit LeashReport(int fd) : fd_(fd) {}

    void event(const std::string& node, const std::string& phase) const;
    void ready() const;
    void error(const Error& error) const;
    void close();

  private:
    void line(const nlohmann::json& message) const;

    int fd_;
};

} // namespace nflab::lab
