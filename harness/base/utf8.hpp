// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace nflab {

/// The text with whatever is not UTF-8 (RFC 3629) replaced by U+FFFD, byte by byte: what a program
/// prints may be anything, and XML and HTML may not.
std::string valid_utf8(std::string_view text);

} // namespace nflab
