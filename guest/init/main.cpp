// SPDX-License-Identifier: GPL-2.0-or-later
// nflab-agent: PID 1 of a guest, or `nflab-agent --fd N` in a netns node.
#include "guest/channel/frame.hpp"
#include "guest/init/agent.hpp"
#include "guest/init/boot.hpp"
#include "guest/init/children.hpp"
#include "guest/init/port.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>

namespace {

using namespace nflab;

int usage() {
    std::fputs("usage: nflab-agent --fd N | --version\n"
               "  --fd N     serve the guest channel on the inherited socket N until it closes\n"
               "As PID 1 of a guest it takes no arguments.\n",
               stderr);
    return 2;
}

int serve_descriptor(const char* text) {
    int fd = -1;
    const char* last = text + std::strlen(text);
    const auto [end, error] = std::from_chars(text, last, fd);
    if (error != std::errc{} || end != last || fcntl(fd, F_GETFD) < 0) {
        std::fprintf(stderr, "nflab-agent: --fd %s: not an open descriptor\n", text);
        return 2;
    }
    // The host's name must not change with the node's. Without the right to have a name of our
    // own, setting it will fail as well.
    unshare(CLONE_NEWUTS);
    agent::adopt_orphans();
    {
        agent::Agent agent(UniqueFd(fd), {agent::Scope::netns_only, false, {}});
        agent.serve();
    }
    agent::kill_children();
    return 0;
}

[[noreturn]] void run_machine() {
    agent::Boot boot;
    boot.enter_root();
    UniqueFd port;
    if (const std::string error = agent::open_port(std::chrono::seconds(10), port); !error.empty())
        agent::end_machine(error);
    agent::Agent agent(std::move(port), {agent::Scope::machine, true, boot.problems()});
    agent.greet();
    boot.finish();
    agent.serve();
    agent::end_machine("the agent stopped serving");
}

} // namespace

int main(int argc, char** argv) {
    if (argc == 3 && std::strcmp(argv[1], "--fd") == 0)
        return serve_descriptor(argv[2]);
    if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
        std::printf("nflab-agent %s, guest channel %d\n", NFLAB_VERSION, channel::protocol_version);
        return 0;
    }
    // The kernel hands words of its command line that it does not know to PID 1.
    if (getpid() == 1)
        run_machine();
    return usage();
}
