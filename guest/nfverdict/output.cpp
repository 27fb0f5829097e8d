// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/output.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace nflab::nfverdict {

void Output::line(const nlohmann::json& message) {
    constexpr std::size_t enough = 1U << 16;
    buffer_ += message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    buffer_ += '\n';
    if (buffer_.size() >= enough)
        flush();
}

void Output::notice(const std::string& text) {
    line({{"type", "notice"}, {"message", text}});
}

void Output::error(const std::string& text) {
    line({{"type", "error"}, {"message", text}});
}

void Output::flush() {
    std::string_view rest = buffer_;
    while (!rest.empty() && good_) {
        const ssize_t size = ::write(STDOUT_FILENO, rest.data(), rest.size());
        if (size > 0)
            rest.remove_prefix(static_cast<std::size_t>(size));
        else if (errno != EINTR)
            good_ = false;
    }
    buffer_.clear();
}

} // namespace nflab::nfverdict
