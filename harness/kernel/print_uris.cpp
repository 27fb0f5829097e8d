// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/apt.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace nflab::kernel {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string decode_percent(std::string_view text) {
    std::string decoded;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '%' && at + 2 < text.size() && hex_digit(text[at + 1]) >= 0 &&
            hex_digit(text[at + 2]) >= 0) {
            decoded += static_cast<char>(hex_digit(text[at + 1]) * 16 + hex_digit(text[at + 2]));
            at += 2;
        } else {
            decoded += text[at];
        }
    }
    return decoded;
}

std::optional<Package> parse_line(std::string_view line, const Mirrors& mirrors,
                                  const std::vector<std::string>& suites) {
    const std::size_t quote = line.find("' ");
    if (line.empty() || line.front() != '\'' || quote == std::string_view::npos)
        return {};
    const std::string uri = decode_percent(line.substr(1, quote - 1));
    line.remove_prefix(quote + 2);
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first + 1);
    constexpr std::string_view hash_kind = " SHA256:";
    if (second == std::string_view::npos || line.substr(second, hash_kind.size()) != hash_kind)
        return {};

    Package package;
    const std::string name = decode_percent(line.substr(0, first));
    const std::size_t version = name.find('_');
    const std::size_t architecture = name.rfind('_');
    const char* size_end = line.data() + second;
    const auto [end, error] = std::from_chars(line.data() + first + 1, size_end, package.size);
    if (version == std::string::npos || architecture <= version || error != std::errc() ||
        end != size_end)
        return {};
    package.name = name.substr(0, version);
    package.version = name.substr(version + 1, architecture - version - 1);
    package.sha256 = line.substr(second + hash_kind.size(), 64);

    // The longer one first: one base may be the beginning of the other.
    const bool security = uri.rfind(mirrors.security + "/", 0) == 0 &&
                          (mirrors.security.size() > mirrors.debian.size() ||
                           uri.rfind(mirrors.debian + "/", 0) != 0);
    const std::string& base = security ? mirrors.security : mirrors.debian;
    if (uri.rfind(base + "/", 0) != 0)
        return {};
    package.file = uri.substr(base.size() + 1);
    const auto suite =
        std::find_if(suites.begin(), suites.end(), [&](const std::string& candidate) {
            return is_security_suite(candidate) == security;
        });
    if (suite != suites.end())
        package.suite = *suite;
    return package;
}

} // namespace

std::vector<Package> parse_print_uris(std::string_view text, const Mirrors& mirrors,
                                      const std::vector<std::string>& suites) {
    std::vector<Package> packages;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (auto package = parse_line(text.substr(0, end), mirrors, suites))
            packages.push_back(std::move(*package));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return packages;
}

} // namespace nflab::kernel
