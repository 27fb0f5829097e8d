// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/cli/command.hpp"
#include "harness/cli/node_target.hpp"
#include "harness/lab/session.hpp"

#include <CLI/CLI.hpp>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <optional>

namespace nflab::cli {
namespace fs = std::filesystem;
namespace {

struct RemotePath {
    NodeTarget target;
    std::string path;
};

// LAB:NODE:/path, or NODE:/path while one lab is up. What begins with '/' or '.' is a local file,
// and so is what has no ":/".
std::optional<RemotePath> remote(const std::string& text) {
    const std::size_t slash = text.find(":/");
    if (slash == std::string::npos || text[0] == '/' || text[0] == '.')
        return std::nullopt;
    const std::string names = text.substr(0, slash);
    const std::size_t colon = names.find(':');
    std::vector<std::string> words{names.substr(0, colon)};
    if (colon != std::string::npos)
        words.push_back(names.substr(colon + 1));
    return RemotePath{node_target(words), text.substr(slash + 1)};
}

void copy(const std::string& source, const std::string& destination) {
    const std::optional<RemotePath> from = remote(source);
    std::optional<RemotePath> to = remote(destination);
    if (from.has_value() == to.has_value())
        throw Error(Failure::bad_input,
                    "one of source and destination must be in a node: LAB:NODE:/path",
                    "example: nflab cp capture.pcap mylab:router:/tmp/");
    if (from) {
        fs::path local = destination;
        if (fs::is_directory(local))
            local /= fs::path(from->path).filename();
        lab::Session::connect(from->target.lab.name).get_file(from->target.node, from->path, local);
        return;
    }
    if (to->path.back() == '/')
        to->path += fs::path(source).filename().string();
    struct stat file {};
    if (::stat(source.c_str(), &file) != 0 || !S_ISREG(file.st_mode))
        throw Error(Failure::bad_input, source + " is not a file that can be read");
    lab::Session::connect(to->target.lab.name)
        .put_file(to->target.node, source, to->path, file.st_mode & 07777);
}

} // namespace

void add_cp(CLI::App& app, Context&) {
    auto source = std::make_shared<std::string>();
    auto destination = std::make_shared<std::string>();
    CLI::App* command =
        app.add_subcommand("cp", "Copy a file into or out of a node: cp FILE LAB:NODE:/path");
    command->add_option("source", *source, "FILE or LAB:NODE:/path")->required();
    command->add_option("destination", *destination, "FILE or LAB:NODE:/path")->required();
    command->callback([source, destination] { copy(*source, *destination); });
}

} // namespace nflab::cli
