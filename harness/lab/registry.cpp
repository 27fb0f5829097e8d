// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/registry.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace nflab::lab {
namespace fs = std::filesystem;

namespace {

std::string slurp(const fs::path& path) {
    // Not through an istreambuf_iterator: it throws when the process ends while it is read.
    const std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

bool is_number(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool is_name_character(unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
}

} // namespace

std::optional<std::string> lab_of_cmdline(std::string_view cmdline) {
    std::vector<std::string_view> words;
    while (!cmdline.empty() && words.size() < 3) {
        const std::size_t end = cmdline.find('\0');
        words.push_back(cmdline.substr(0, end));
        cmdline.remove_prefix(end == std::string_view::npos ? cmdline.size() : end + 1);
    }
    if (words.size() < 3 || words[1] != supervisor_command || words[2].empty())
        return std::nullopt;
    return std::string(words[2]);
}

bool is_first_process(std::string_view status) {
    const std::size_t begin = status.find("\nNSpid:");
    if (begin == std::string_view::npos)
        return false;
    std::string_view line = status.substr(begin + 1);
    line = line.substr(0, line.find('\n'));
    const bool nested = std::count(line.begin(), line.end(), '\t') > 1;
    return nested && line.ends_with("\t1");
}

void check_name(const std::string& name) {
    const bool good = !name.empty() && name.size() <= 48 &&
                      std::isalnum(static_cast<unsigned char>(name[0])) != 0 &&
                      std::all_of(name.begin(), name.end(), is_name_character);
    if (!good)
        throw Error(Failure::bad_input, fmt::format("'{}' cannot be the name of a lab", name),
                    "1 to 48 letters, digits, '-', '_' or '.', beginning with a letter or digit");
}

fs::path inside(pid_t supervisor, const std::string& path) {
    return fmt::format("/proc/{}/root{}", supervisor, path);
}

std::vector<Running> list() {
    std::vector<Running> labs;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator("/proc", error)) {
        const std::string number = entry.path().filename().string();
        struct stat owner {};
        if (!is_number(number) || ::stat(entry.path().c_str(), &owner) != 0 ||
            owner.st_uid != ::geteuid())
            continue;
        const std::optional<std::string> name = lab_of_cmdline(slurp(entry.path() / "cmdline"));
        if (!name || !is_first_process(slurp(entry.path() / "status")))
            continue;
        Running lab;
        lab.name = *name;
        lab.supervisor = std::stoi(number);
        std::error_code ignored;
        lab.ready = fs::exists(inside(lab.supervisor, control_socket), ignored);
        labs.push_back(std::move(lab));
    }
    std::sort(labs.begin(), labs.end(),
              [](const Running& a, const Running& b) { return a.name < b.name; });
    return labs;
}

Running find(const std::string& name) {
    const std::vector<Running> labs = list();
    std::vector<std::string> names;
    for (const Running& lab : labs) {
        if (lab.name == name)
            return lab;
        names.push_back(lab.name);
    }
    throw Error(Failure::lab, fmt::format("no lab '{}' is up", name),
                names.empty() ? "no lab is up at all; `nflab up SCENARIO` starts one"
                              : fmt::format("up now: {}", fmt::join(names, ", ")));
}

UniqueFd lock_name(const std::string& name) {
    UniqueFd lock(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = fmt::format("nflab-lab-{}-{}", ::geteuid(), name);
    if (!lock || text.size() + 1 > sizeof address.sun_path)
        throw Error(Failure::lab, fmt::format("cannot lock the name of lab '{}'", name));
    std::memcpy(address.sun_path + 1, text.data(), text.size()); // sun_path[0] == 0: abstract
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
    if (::bind(lock.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0)
        return lock;
    if (errno != EADDRINUSE)
        throw Error(Failure::lab, fmt::format("cannot lock the name of lab '{}': {}", name,
                                              std::strerror(errno)));
    throw Error(Failure::lab, fmt::format("a lab '{}' is up already", name),
                fmt::format("`nflab down {0}` ends it; another name runs beside it", name));
}

} // namespace nflab::lab
