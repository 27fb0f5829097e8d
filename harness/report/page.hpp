// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace nflab::report {

/// The HTML report as one file that needs no other and no network. `data` is PageData's document.
/// Pure.
std::string html_page(const nlohmann::json& data);

} // namespace nflab::report
