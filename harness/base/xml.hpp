// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace nflab {

/// Text as it may stand in an XML 1.0 element or attribute. Control characters that XML cannot
/// carry, not even escaped, are left out; what is not UTF-8 becomes U+FFFD.
std::string xml_escape(std::string_view text);

} // namespace nflab
