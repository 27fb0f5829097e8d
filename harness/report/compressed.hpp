// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace nflab::report {

/// The bytes as base64 (RFC 4648), with padding.
std::string base64(std::string_view bytes);

/// The text, compressed (RFC 1952) and as base64: a browser's DecompressionStream("gzip") reads it.
/// The same text gives the same result.
std::string gzip_base64(std::string_view text);

} // namespace nflab::report
