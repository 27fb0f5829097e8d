// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace nflab::step {

/// Cuts a stream of bytes into lines, however it arrives.
class LineBuffer {
  public:
    /// Calls `take` with each complete line, without its newline.
    template <typename Take>
    void feed(std::string_view bytes, Take&& take) {
        pending_.append(bytes);
        std::size_t begin = 0;
        for (std::size_t end; (end = pending_.find('\n', begin)) != std::string::npos;
             begin = end + 1)
            take(std::string_view(pending_).substr(begin, end - begin));
        pending_.erase(0, begin);
    }

  private:
    std::string pending_;
};

} // namespace nflab::step
