// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/output.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace nflab::traffic {

void write_line(std::string_view line) {
    while (!line.empty()) {
        const ssize_t size = write(STDOUT_FILENO, line.data(), line.size());
        if (size < 0 && errno != EINTR)
            std::exit(3);
        if (size > 0)
            line.remove_prefix(static_cast<std::size_t>(size));
    }
}

} // namespace nflab::traffic
