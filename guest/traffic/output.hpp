// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

namespace nflab::traffic {

/// Writes to standard output without a buffer; ends the program when nobody reads it any more.
void write_line(std::string_view line);

} // namespace nflab::traffic
