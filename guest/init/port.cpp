// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/port.hpp"

#include "guest/init/problem.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <memory>

namespace nflab::agent {
namespace {

constexpr const char* class_directory = "/sys/class/virtio-ports";

// The device's name, such as vport1p1, when the port is there.
std::string find_device(std::string& seen) {
    seen.clear();
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(class_directory), closedir);
    if (!directory)
        return {};
    while (const dirent* entry = readdir(directory.get())) {
        std::string device = entry->d_name;
        const std::string path = std::string(class_directory) + '/' + device + "/name";
        const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
        char buffer[128];
        const ssize_t size = file ? read(file.get(), buffer, sizeof(buffer)) : -1;
        if (size <= 0)
            continue;
        std::string name(buffer, static_cast<std::size_t>(size));
        name.erase(name.find_last_not_of('\n') + 1);
        if (name == port_name)
            return device;
        seen += (seen.empty() ? "" : ", ") + name;
    }
    return {};
}

} // namespace

std::string open_port(std::chrono::milliseconds limit, UniqueFd& port) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::string seen;
    while (true) {
        if (const std::string device = find_device(seen); !device.empty()) {
            const std::string path = "/dev/" + device;
            port.reset(open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
            return port ? std::string{} : problem("cannot open the agent's port " + path);
        }
        if (std::chrono::steady_clock::now() >= deadline)
            return std::string("the host offers no virtio-serial port named ") + port_name +
                   (seen.empty() ? "" : ", only " + seen);
        usleep(500);
    }
}

} // namespace nflab::agent
