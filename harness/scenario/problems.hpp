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
    explicit Problems(std::string file) : files_{std::move(file)} {}

    void add(Position where, const std::string& message, const std::string& hint = {}) {
        add_in(file(where), where, message, hint);
    }
    /// About a file that the scenario names and that is no YAML.
    void add_in(std::string file, Position where, const std::string& message,
                const std::string& hint = {}) {
        list_.push_back({std::move(file), where, readable(message), readable(hint)});
    }

    /// Gives the file the next number of Position::file.
    int add_file(std::string name) {
        files_.push_back(std::move(name));
        return static_cast<int>(files_.size()) - 1;
    }
    const std::string& file(Position where = {}) const {
        return files_.at(static_cast<std::size_t>(where.file));
    }
    const std::vector<std::string>& files() const { return files_; }
    std::vector<Diagnostic>& list() { return list_; }

  private:
    std::vector<std::string> files_; ///< by Position::file
    std::vector<Diagnostic> list_;
};

} // namespace nflab::scenario
