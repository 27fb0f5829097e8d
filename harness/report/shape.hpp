// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/path.hpp"

#include <map>
#include <string>
#include <vector>

namespace nflab::report {

/// The same for packets that look alike to a reader: sent alike, they met the same rules with the
/// same end. For comparing only.
std::string shape(const verdict::PacketPath& path, const std::vector<verdict::SentPacket>& sent);

/// What was sent and no record is about, in words, and how often.
std::map<std::string, int> sent_without_path(const std::vector<verdict::PacketPath>& paths,
                                             const std::vector<verdict::SentPacket>& sent);

} // namespace nflab::report
