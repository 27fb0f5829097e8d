// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace nflab::kernel {

/// SHA-256 (FIPS 180-4), fed piece by piece.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    Sha256& add(std::string_view bytes);
    /// 64 lower-case hex digits. The object must not be used afterwards.
    std::string finish();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

std::string sha256(std::string_view bytes);

/// Throws Error(lab) when the file cannot be read.
std::string sha256_of_file(const std::filesystem::path& file);

} // namespace nflab::kernel
