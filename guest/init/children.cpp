// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/children.hpp"

#include "harness/base/unique_fd.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

namespace nflab::agent {

void adopt_orphans() {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void kill_children() {
    const std::string path = "/proc/self/task/" + std::to_string(gettid()) + "/children";
    for (int round = 0; round < 2000; ++round) {
        char buffer[4096] = {};
        const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
        const ssize_t size = file ? read(file.get(), buffer, sizeof(buffer) - 1) : -1;
        // A number cut off at the buffer's end would be somebody else's.
        const bool cut = size == sizeof(buffer) - 1;
        char* next = buffer;
        while (true) {
            char* end = next;
            const long pid = strtol(next, &end, 10);
            if (end == next || (cut && *end == '\0'))
                break;
            kill(static_cast<pid_t>(pid), SIGKILL);
            next = end;
        }
        pid_t ended = 0;
        do
            ended = waitpid(-1, nullptr, WNOHANG);
        while (ended > 0);
        if (ended < 0)
            return; // ECHILD: none left
        usleep(1000);
    }
}

} // namespace nflab::agent
