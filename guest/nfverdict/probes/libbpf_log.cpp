// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/probes/libbpf_log.hpp"

#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace nflab::nfverdict {
namespace {

std::string& complaint() {
    static std::string text;
    return text;
}

int remember(libbpf_print_level level, const char* format, va_list arguments) {
    constexpr std::size_t enough = 4000;
    if (level == LIBBPF_DEBUG || complaint().size() > enough)
        return 0;
    va_list again;
    va_copy(again, arguments);
    std::string text(
        static_cast<std::size_t>(std::max(0, std::vsnprintf(nullptr, 0, format, again))), '\0');
    va_end(again);
    std::vsnprintf(text.data(), text.size() + 1, format, arguments);
    // The reason stands at the end of a verifier's log.
    constexpr std::size_t tail = 1500;
    complaint() += text.size() > tail ? "…" + text.substr(text.size() - tail) : text;
    return 0;
}

} // namespace

void begin_libbpf_log() {
    libbpf_set_print(remember);
    complaint().clear();
}

std::string libbpf_failure(int error) {
    return fmt::format("{}{}{}", std::strerror(error), complaint().empty() ? "" : "\n",
                       complaint());
}

} // namespace nflab::nfverdict
