// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/traffic/loopback.hpp"

#include "harness/base/unique_fd.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

using nflab::UniqueFd;

TrafficResult on_loopback(const std::string& server, const std::string& command) {
    std::string script = "set -e; ip link set lo up; T=" NFLAB_BINARY_DIR "/guest/bin/nftraffic; ";
    // The server's standard input is the shell's, which ends with this process at the latest.
    if (!server.empty())
        script += "d=$(mktemp -d); mkfifo $d/out; $T " + server +
                  " <&3 >$d/out & s=$!; read line <$d/out; rm -r $d; ";
    script += "set +e; " + command + "; code=$?; ";
    if (!server.empty())
        script += "kill $s; wait $s || code=$?; ";
    script += "exit $code";
    int output[2];
    int keep_open[2];
    if (pipe(output) != 0 || pipe(keep_open) != 0)
        return {};
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(output[1], STDOUT_FILENO);
        dup2(keep_open[0], 3);
        for (const int fd : {output[0], output[1], keep_open[0], keep_open[1]})
            if (fd > 3)
                close(fd);
        execlp("timeout", "timeout", "20", "unshare", "--user", "--map-root-user", "--net", "sh",
               "-c", script.c_str(), nullptr);
        _exit(126);
    }
    close(output[1]);
    close(keep_open[0]);
    const UniqueFd reader(output[0]);
    const UniqueFd keeper(keep_open[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t size = 0; (size = read(reader.get(), buffer, sizeof(buffer))) > 0;)
        text.append(buffer, static_cast<std::size_t>(size));
    int status = 0;
    waitpid(pid, &status, 0);
    TrafficResult result;
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        result.lines.push_back(nlohmann::json::parse(line));
    return result;
}
