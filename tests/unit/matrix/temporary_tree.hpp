// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

/// A folder of files for one test case.
class TemporaryTree {
  public:
    TemporaryTree() {
        std::string name = std::filesystem::temp_directory_path() / "nflab-test-XXXXXX";
        path_ = mkdtemp(name.data());
    }
    ~TemporaryTree() { std::filesystem::remove_all(path_); }
    TemporaryTree(const TemporaryTree&) = delete;
    TemporaryTree& operator=(const TemporaryTree&) = delete;

    const std::filesystem::path& path() const { return path_; }

    std::string write(const std::string& name, const std::string& text) const {
        const std::filesystem::path file = path_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
        return file.string();
    }

  private:
    std::filesystem::path path_;
};
