// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace nflab::image {

/// Writes a cpio archive of the "newc" kind, as the kernel unpacks it into its first root
/// (Documentation/driver-api/early-userspace/buffer-format.rst). Everything belongs to root and has
/// one fixed time, so that the same calls give the same bytes. Archives may be concatenated: later
/// files win.
class CpioWriter {
  public:
    CpioWriter();
    ~CpioWriter();
    CpioWriter(const CpioWriter&) = delete;
    CpioWriter& operator=(const CpioWriter&) = delete;

    /// Paths have no leading slash; parent directories must be added first.
    void directory(const std::string& path, unsigned mode = 0755);
    void file(const std::string& path, std::string_view content, unsigned mode = 0644);
    void character_device(const std::string& path, unsigned major, unsigned minor, unsigned mode);

    /// The archive. Nothing may be added afterwards.
    std::string finish();

  private:
    struct Output;
    std::unique_ptr<Output> output_;
};

} // namespace nflab::image
