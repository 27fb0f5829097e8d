// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/channel/frame.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace nflab::channel {

/// The input of one stream at its sender: keeps what the receiver has no room for, so that a
/// program that does not read holds up nobody but itself (docs/formats/channel.md, "Input").
class InputWindow {
  public:
    /// Adds bytes to what shall be sent; ignored after end().
    void push(std::string_view bytes);
    /// No more will be pushed.
    void end() { ended_ = true; }
    /// A `window` frame says that the program took as many.
    void acknowledge(std::size_t bytes);

    /// The next bytes that may be sent now, at most `limit`; then they count as sent. Empty: none.
    std::string take(std::size_t limit);
    /// True once, as soon as everything has been taken and end() was called.
    bool take_end();

    /// Pushed, not taken yet.
    std::size_t held() const { return held_.size() - begin_; }

  private:
    std::string held_; ///< from begin_ on
    std::size_t begin_ = 0;
    std::size_t unacknowledged_ = 0;
    bool ended_ = false;
    bool end_taken_ = false;
};

} // namespace nflab::channel
