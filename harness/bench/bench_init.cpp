// SPDX-License-Identifier: GPL-2.0-or-later
// PID 1 of the bare guest that `nflab bench boot` takes as its floor.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int main() {
    ::mkdir("/dev", 0755);
    ::mount("devtmpfs", "/dev", "devtmpfs", 0, nullptr);
    const int console = ::open("/dev/ttyS0", O_WRONLY | O_NOCTTY);
    constexpr char line[] = "nflab-bench: user space\n";
    if (::write(console, line, sizeof line - 1) < 0)
        return 1;
    ::pause(); // the bench ends the guest
    return 0;
}
