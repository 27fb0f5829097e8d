// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

struct TrafficResult {
    int code = -1;
    std::vector<nlohmann::json> lines; ///< of nftraffic's standard output
};

/// Runs the shell command in user and network namespaces of its own, with loopback up and $T being
/// nftraffic, for at most 20 s. `server` is nftraffic's arguments for a server that is listening
/// before the command starts and whose end is awaited; empty: none.
TrafficResult on_loopback(const std::string& server, const std::string& command);
