// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace nflab::kernel {

/// Where Debian's archive is fetched from: base URIs without a slash at the end.
struct Mirrors {
    std::string debian = "http://deb.debian.org/debian";
    std::string security = "http://deb.debian.org/debian-security";

    const std::string& of_suite(std::string_view suite) const;
};

/// Picks the Debian mirrors out of what the host's apt is set up with. `targets` is the output of
/// `apt-get indextargets` with lines "ORIGIN|CODENAME|SITE" (known only after an update, so it may
/// be empty); `uris` that of `apt-get update --print-uris`, which needs no earlier update. What
/// neither names keeps its default. Pure.
Mirrors choose_mirrors(std::string_view targets, std::string_view uris);

/// The mirrors of this host, asked of its apt once in a process. Reads only.
const Mirrors& host_mirrors();

} // namespace nflab::kernel
