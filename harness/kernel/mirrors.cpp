// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/mirrors.hpp"

#include "harness/kernel/package.hpp"
#include "harness/process/command.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace nflab::kernel {

namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + 1);
    }
}

std::string without_slash(std::string_view uri) {
    while (!uri.empty() && uri.back() == '/')
        uri.remove_suffix(1);
    return std::string(uri);
}

/// Suites that no other vendor's repository is named after: "bookworm" alone is what Docker's and
/// many others' are called, too.
bool is_debians_own(std::string_view suite) {
    constexpr std::array own = {"-updates", "-security", "-backports"};
    return std::any_of(own.begin(), own.end(), [&](std::string_view end) {
        return suite.size() > end.size() && suite.substr(suite.size() - end.size()) == end;
    });
}

void take(Mirrors& mirrors, bool& have_debian, bool& have_security, std::string_view suite,
          std::string_view base) {
    // A cdrom cannot be asked for other suites.
    if (base.rfind("cdrom:", 0) == 0)
        return;
    if (is_security_suite(suite) || suite.find("/updates") != std::string_view::npos) {
        if (!have_security)
            mirrors.security = without_slash(base);
        have_security = true;
    } else {
        if (!have_debian)
            mirrors.debian = without_slash(base);
        have_debian = true;
    }
}

} // namespace

const std::string& Mirrors::of_suite(std::string_view suite) const {
    return is_security_suite(suite) ? security : debian;
}

Mirrors choose_mirrors(std::string_view targets, std::string_view uris) {
    Mirrors mirrors;
    bool have_debian = false;
    bool have_security = false;
    for (const std::string_view line : split(targets, '\n')) {
        const auto parts = split(line, '|');
        if (parts.size() == 3 && parts[0] == "Debian")
            take(mirrors, have_debian, have_security, parts[1], parts[2]);
    }
    // 'http://deb.debian.org/debian/dists/bookworm-updates/InRelease' deb.debian.org_… 0
    for (const std::string_view line : split(uris, '\n')) {
        const std::size_t dists = line.find("/dists/");
        const std::size_t release = line.find("/InRelease'");
        if (line.empty() || line.front() != '\'' || dists == std::string_view::npos ||
            release == std::string_view::npos || release < dists + 7)
            continue;
        const std::string_view suite = line.substr(dists + 7, release - dists - 7);
        if (is_debians_own(suite))
            take(mirrors, have_debian, have_security, suite, line.substr(1, dists - 1));
    }
    return mirrors;
}

const Mirrors& host_mirrors() {
    static const Mirrors mirrors = [] {
        Command targets;
        targets.argv = {"apt-get", "indextargets", "--format", "$(ORIGIN)|$(CODENAME)|$(SITE)",
                        "Created-By: Packages"};
        Command uris;
        uris.argv = {"apt-get", "update", "--print-uris"};
        return choose_mirrors(run(targets).out, run(uris).out);
    }();
    return mirrors;
}

} // namespace nflab::kernel
