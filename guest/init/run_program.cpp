// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/run_program.hpp"

#include "guest/init/spawn.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

namespace nflab::agent {
namespace {

void block(const UniqueFd& pipe) {
    if (pipe)
        fcntl(pipe.get(), F_SETFL, 0);
}

std::string read_all(const UniqueFd& pipe) {
    std::string text;
    char buffer[4096];
    for (ssize_t size = 0; (size = read(pipe.get(), buffer, sizeof(buffer))) > 0;)
        text.append(buffer, static_cast<std::size_t>(size));
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

// iproute2's programs end with "Command failed -:3", 3 being the line of their input.
std::string failed_line(const std::string& complaint, const std::string& input) {
    constexpr std::string_view mark = "Command failed -:";
    const std::size_t at = complaint.rfind(mark);
    if (at == std::string::npos)
        return {};
    int number = std::atoi(complaint.c_str() + at + mark.size());
    std::istringstream lines(input);
    std::string line;
    while (number-- > 0 && std::getline(lines, line)) {
    }
    return line;
}

} // namespace

std::string run_program(const std::vector<std::string>& argv, const std::string& input) {
    channel::RunRequest request;
    request.argv = argv;
    request.input = !input.empty();
    Spawned child;
    if (std::string error = spawn(request, child); !error.empty())
        return error;
    block(child.input);
    block(child.output);
    block(child.error_output);
    std::string_view rest = input;
    while (!rest.empty()) {
        const ssize_t size = write(child.input.get(), rest.data(), rest.size());
        if (size <= 0)
            break; // it has ended, and says why
        rest.remove_prefix(static_cast<std::size_t>(size));
    }
    child.input.reset();
    child.output.reset(); // nobody wants it, and a full pipe would stop the program
    const std::string said = read_all(child.error_output);
    int status = 0;
    waitpid(child.pid, &status, 0);
    if (status == 0)
        return {};
    const std::string line = failed_line(said, input);
    if (!line.empty())
        return argv[0] + ' ' + line + ": " + said.substr(0, said.find('\n'));
    return argv[0] + " failed: " + said;
}

} // namespace nflab::agent
