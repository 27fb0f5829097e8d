// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/sysctl_path.hpp"

namespace nflab::agent {

std::optional<std::string> sysctl_path(std::string_view name) {
    const std::size_t first = name.find_first_of("./");
    const bool dotted = first != std::string_view::npos && name[first] == '.';
    std::string path = "/proc/sys";
    std::size_t begin = 0;
    while (begin <= name.size()) {
        const std::size_t end = std::min(name.find(dotted ? '.' : '/', begin), name.size());
        std::string part(name.substr(begin, end - begin));
        if (dotted)
            for (char& c : part)
                if (c == '/')
                    c = '.';
        if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string::npos)
            return std::nullopt;
        path += '/' + part;
        begin = end + 1;
    }
    return path;
}

} // namespace nflab::agent
