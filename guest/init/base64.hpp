// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nflab::agent {

/// RFC 4648 section 4, padding required; nothing when the text is not that.
std::optional<std::string> decode_base64(std::string_view text);

} // namespace nflab::agent
