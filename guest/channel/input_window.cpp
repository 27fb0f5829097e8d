// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/channel/input_window.hpp"

#include <algorithm>

namespace nflab::channel {

void InputWindow::push(std::string_view bytes) {
    if (!ended_)
        held_.append(bytes);
}

void InputWindow::acknowledge(std::size_t bytes) {
    unacknowledged_ -= std::min(bytes, unacknowledged_);
}

std::string InputWindow::take(std::size_t limit) {
    const std::size_t size = std::min({limit, held(), input_window - unacknowledged_});
    std::string bytes = held_.substr(begin_, size);
    begin_ += size;
    unacknowledged_ += size;
    // Not each time: moving the rest to the front costs as much as the rest is long.
    if (begin_ > held_.size() / 2) {
        held_.erase(0, begin_);
        begin_ = 0;
    }
    return bytes;
}

bool InputWindow::take_end() {
    if (!ended_ || end_taken_ || held() > 0)
        return false;
    end_taken_ = true;
    return true;
}

} // namespace nflab::channel
