// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/package.hpp"

#include "harness/kernel/debian_version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

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

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr std::array<std::string_view, 4> part_names = {"image", "binary", "modules", "base"};
constexpr std::string_view not_signed = "unsigned";

/// One package's share in a kernel: of linux-binary-unsigned-7.3-amd64 "binary-unsigned" of
/// "7.3-amd64", of linux-image-6.1.0-56-amd64-unsigned "image-unsigned" of "6.1.0-56-amd64".
struct Part {
    std::string what;
    std::string release;
};

std::optional<Part> part_of(std::string_view name) {
    for (const std::string_view what : part_names) {
        const std::string prefix = fmt::format("linux-{}-", what);
        if (name.rfind(prefix, 0) != 0)
            continue;
        Part part{std::string(what), std::string(name.substr(prefix.size()))};
        const std::string before = fmt::format("{}-", not_signed);
        const std::string behind = fmt::format("-{}", not_signed);
        if (part.release.rfind(before, 0) == 0) {
            part.what += behind;
            part.release.erase(0, before.size());
        } else if (ends_with(part.release, behind)) {
            part.what += behind;
            part.release.erase(part.release.size() - behind.size());
        }
        // Metapackages are named after a flavour alone; debug symbols and templates end
        // differently.
        const bool number =
            !part.release.empty() && part.release[0] >= '0' && part.release[0] <= '9';
        if (number && !flavour_of(part.release).empty() && ends_with(part.release, "-amd64"))
            return part;
    }
    return {};
}

/// The packages of a build that can be installed; none when some are missing.
std::vector<Package> complete(const std::map<std::string, Package>& found, bool is_unsigned) {
    const std::string end = is_unsigned ? fmt::format("-{}", not_signed) : "";
    const auto image = found.find("image" + end);
    if (image != found.end() && image->second.size > largest_metapackage)
        return {image->second};
    const auto binary = found.find("binary" + end);
    const auto modules = found.find("modules");
    const auto base = found.find("base");
    if (binary == found.end() || modules == found.end() || base == found.end())
        return {};
    return {binary->second, modules->second, base->second};
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

std::string_view flavour_of(std::string_view release) {
    for (std::size_t at = release.find('-'); at != std::string_view::npos;
         at = release.find('-', at + 1)) {
        if (at + 1 < release.size() && is_letter(release[at + 1]))
            return release.substr(at + 1);
    }
    return {};
}

std::vector<Build> all_builds(const std::vector<Package>& packages) {
    // release and version -> part ("image", "binary", …) -> package
    std::map<std::pair<std::string, std::string>, std::map<std::string, Package>> found;
    for (const Package& package : packages) {
        if (const auto part = part_of(package.name))
            found[{part->release, package.version}].emplace(part->what, package);
    }
    std::vector<Build> builds;
    for (const auto& [key, parts] : found) {
        for (const bool is_unsigned : {false, true}) {
            Build build{key.first, key.second, complete(parts, is_unsigned), is_unsigned};
            if (build.packages.empty())
                continue;
            builds.push_back(std::move(build));
            break;
        }
    }
    std::stable_sort(builds.begin(), builds.end(), [](const Build& left, const Build& right) {
        return compare_debian_versions(left.version, right.version) > 0;
    });
    return builds;
}

std::vector<Build> find_builds(const std::vector<Package>& packages, const std::string& series,
                               const std::string& flavour) {
    std::vector<Build> builds = all_builds(packages);
    builds.erase(std::remove_if(builds.begin(), builds.end(),
                                [&](const Build& build) {
                                    return build.is_unsigned ||
                                           flavour_of(build.release) != flavour ||
                                           !in_series(build.version, series) ||
                                           !in_series(build.release, series);
                                }),
                 builds.end());
    return builds;
}

bool is_kernel_package(std::string_view name) {
    return std::any_of(part_names.begin(), part_names.end(), [&](std::string_view part) {
        return name.rfind(fmt::format("linux-{}-", part), 0) == 0;
    });
}

} // namespace nflab::kernel
