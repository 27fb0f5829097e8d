// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/package.hpp"

#include "harness/kernel/debian_version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace nflab::kernel {

namespace {

constexpr std::uint64_t largest_metapackage = 1'000'000;

/// Value of "Name: value" in a stanza; empty when absent. Continuation lines are not needed here.
std::string_view field(std::string_view stanza, std::string_view name) {
    std::size_t at = 0;
    while (at < stanza.size()) {
        const std::size_t end = std::min(stanza.find('\n', at), stanza.size());
        const std::string_view line = stanza.substr(at, end - at);
        if (line.size() > name.size() && line.substr(0, name.size()) == name &&
            line[name.size()] == ':') {
            std::string_view value = line.substr(name.size() + 1);
            while (!value.empty() && value.front() == ' ')
                value.remove_prefix(1);
            return value;
        }
        at = end + 1;
    }
    return {};
}

bool read_stanza(std::string_view stanza, std::string_view suite, Package& package) {
    package.suite = suite;
    package.version = field(stanza, "Version");
    package.file = field(stanza, "Filename");
    package.sha256 = field(stanza, "SHA256");
    const std::string_view size = field(stanza, "Size");
    const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), package.size);
    return error == std::errc() && end == size.data() + size.size() && !package.version.empty() &&
           !package.file.empty() && package.sha256.size() == 64;
}

/// Whether an upstream version belongs to a series: "6.12.94-1" to "6.12", not "6.1".
bool in_series(std::string_view version, std::string_view series) {
    if (version.substr(0, series.size()) != series)
        return false;
    const char next = version.size() > series.size() ? version[series.size()] : '-';
    return next < '0' || next > '9';
}

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

} // namespace

bool is_security_suite(std::string_view suite) {
    return ends_with(suite, "-security");
}

std::string describe(const std::vector<Package>& packages) {
    if (packages.empty())
        return {};
    return fmt::format("{} {}", packages.front().name, packages.front().version);
}

std::vector<Package> parse_packages_index(std::string_view text, std::string_view suite,
                                          const std::function<bool(std::string_view)>& wanted) {
    std::vector<Package> packages;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find("\n\n", at), text.size());
        const std::string_view stanza = text.substr(at, end - at);
        Package package;
        // The archive's indexes start every stanza with Package; the search is for others' mirrors.
        package.name = field(stanza, "Package");
        if (!package.name.empty() && wanted(package.name) && read_stanza(stanza, suite, package))
            packages.push_back(std::move(package));
        at = end + 2;
    }
    return packages;
}

std::vector<Build> find_builds(const std::vector<Package>& packages, const std::string& series,
                               const std::string& flavour) {
    // release and version -> part ("image", "binary", …) -> package
    std::map<std::pair<std::string, std::string>, std::map<std::string, Package>> found;
    for (const Package& package : packages) {
        for (const char* part : {"image", "binary", "modules", "base"}) {
            const std::string prefix = fmt::format("linux-{}-", part);
            if (package.name.rfind(prefix, 0) != 0)
                continue;
            const std::string release = package.name.substr(prefix.size());
            // "linux-image-rt-amd64" ends like the generic flavour; only "<version>-<flavour>" is.
            if (!ends_with(release, "-" + flavour) || !in_series(package.version, series) ||
                release.find('-') == std::string::npos || !in_series(release, series))
                continue;
            const std::string number = release.substr(0, release.size() - flavour.size() - 1);
            if (ends_with(number, "-cloud") || ends_with(number, "-rt"))
                continue;
            found[{release, package.version}].emplace(part, package);
        }
    }
    std::vector<Build> builds;
    for (const auto& [key, parts] : found) {
        Build build{key.first, key.second, {}};
        const auto image = parts.find("image");
        if (image != parts.end() && image->second.size > largest_metapackage)
            build.packages = {image->second};
        else if (parts.count("binary") && parts.count("modules") && parts.count("base"))
            build.packages = {parts.at("binary"), parts.at("modules"), parts.at("base")};
        else
            continue;
        builds.push_back(std::move(build));
    }
    std::stable_sort(builds.begin(), builds.end(), [](const Build& left, const Build& right) {
        return compare_debian_versions(left.version, right.version) > 0;
    });
    return builds;
}

} // namespace nflab::kernel
