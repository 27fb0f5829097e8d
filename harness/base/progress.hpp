// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace nflab {

/// Where long work says what it is doing. Implementations decide how it looks.
class Progress {
  public:
    virtual ~Progress() = default;
    /// Work that goes on now ("booting router"); replaces the one before it on a terminal.
    virtual void phase(const std::string& what) = 0;
    /// Something that the user must know, once, and that stays on screen ("KVM is unusable: …").
    virtual void notice(const std::string& message) = 0;
};

} // namespace nflab
