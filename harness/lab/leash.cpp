// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/leash.hpp"

#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>

namespace nflab::lab {

void LeashReport::event(const std::string& node, const std::string& phase) const {
    line({{"event", {{"node", node}, {"phase", phase}}}});
}

void LeashReport::ready() const {
    line({{"ready", true}});
}

void LeashReport::error(const Error& error) const {
    line({{"error",
           {{"failure", static_cast<int>(error.failure())},
            {"message", error.what()},
            {"hint", error.hint()}}}});
}

void LeashReport::close() {
    ::close(fd_);
    fd_ = -1;
}

void LeashReport::line(const nlohmann::json& message) const {
    const std::string text =
        message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    for (std::string_view rest = text; fd_ >= 0 && !rest.empty();) {
        const ssize_t sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        rest.remove_prefix(static_cast<std::size_t>(sent));
    }
}

} // namespace nflab::lab
