// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/diagnostic.hpp"

#include <string>
#include <utility>
#include <vector>

namespace nflab::scenario {

/// Collects what is wrong while a file is read, so that all of it is reported together.
class Problems {
  public:
    explicit Problems(std::string file) : file_(std::move(file)) {}

    void add(Position where, const std::string& message, const std::string& hint = {}) {
        add_in(file_, where, message, hint);
    }
    /// About another file that the scenario names.
    void add_in(std::string file, Position where, const std::string& message,
                const std::string& hint = {}) {
        list_.push_back({std::move(file), where, readable(message), readable(hint)});
    }

    const std::string& file() const { return file_; }
    std::vector<Diagnostic>& list() { return list_; }

  private:
    std::string file_;
    std::vector<Diagnostic> list_;
};

} // namespace nflab::scenario
