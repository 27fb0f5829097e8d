// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace nflab {

/// Why a command ends; the value is nflab's exit code.
enum class Failure : int {
    check = 1,     ///< the lab worked and an expectation did not hold
    bad_input = 2, ///< the user's file or command line is wrong
    lab = 3,       ///< guest panic, time-out, missing tool, libvirt or QEMU error
};

/// An error that ends the command. `what()` is one message for a person; `hint()`, when not empty,
/// says what to do about it. Thrown only where nobody further down can go on.
class Error : public std::runtime_error {
  public:
    Error(Failure failure, const std::string& message, std::string hint = {})
        : std::runtime_error(message), failure_(failure), hint_(std::move(hint)) {}

    Failure failure() const { return failure_; }
    const std::string& hint() const { return hint_; }

  private:
    Failure failure_;
    std::string hint_;
};

} // namespace nflab
