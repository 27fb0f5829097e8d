// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tracefs/stale_kprobes.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <sstream>
#include <string_view>

namespace nflab::nfverdict {
namespace {

constexpr std::string_view prefix = "nfverdict_";

// A process with our own id was another one.
bool is_stale(std::string_view group) {
    if (!group.starts_with(prefix))
        return false;
    group.remove_prefix(prefix.size());
    pid_t process = 0;
    const auto parsed = std::from_chars(group.data(), group.data() + group.size(), process);
    if (parsed.ec != std::errc{} || parsed.ptr != group.data() + group.size() || process <= 0)
        return false;
    return process == ::getpid() || (::kill(process, 0) != 0 && errno == ESRCH);
}

} // namespace

std::string kprobe_group(pid_t process) {
    return fmt::format("{}{}", prefix, process);
}

void remove_stale_kprobes(const Tracefs& tracefs) {
    // One that is read from is in use, whoever the process is to us, and stays.
    for (const std::string& instance : tracefs.list("instances"))
        if (is_stale(instance))
            tracefs.remove_directory("instances/" + instance);
    // "p:nfverdict_812/nft_verdict_812 nf_tables:nft_do_chain+367 pkt=%bp …"
    std::istringstream lines(tracefs.read("dynamic_events"));
    for (std::string line; std::getline(lines, line);) {
        const auto colon = line.find(':');
        const auto slash = line.find('/');
        if (colon == std::string::npos || slash == std::string::npos || slash < colon)
            continue;
        const std::string group = line.substr(colon + 1, slash - colon - 1);
        if (!is_stale(group) || tracefs.exists("instances/" + group))
            continue;
        const std::string event = line.substr(slash + 1, line.find(' ') - slash - 1);
        try {
            tracefs.append("dynamic_events", fmt::format("-:{}/{}", group, event));
        } catch (const Error&) {
            continue; // somebody else has enabled it
        }
    }
}

} // namespace nflab::nfverdict
