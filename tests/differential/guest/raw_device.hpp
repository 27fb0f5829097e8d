// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/unique_fd.hpp"
#include "tests/differential/packet.hpp"

#include <string>

namespace nflab::witness {

/// A packet(7) socket on one device, which sees every frame before the stack does.
class RawDevice {
  public:
    /// Returns why it cannot be opened.
    std::string open(const char* device);

    int fd() const { return socket_.get(); }
    const Mac& own() const { return own_; }

  private:
    UniqueFd socket_;
    Mac own_{};
};

} // namespace nflab::witness
