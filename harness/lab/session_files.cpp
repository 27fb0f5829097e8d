// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/lab/control_client.hpp"
#include "harness/lab/session.hpp"

#include <fmt/format.h>

#include <fstream>
#include <optional>
#include <utility>

// Session's copying of files to and from nodes.
namespace nflab::lab {
namespace fs = std::filesystem;

using std::chrono::milliseconds;

namespace {

constexpr std::size_t chunk = 65536;

} // namespace

void Session::put_file(const std::string& node, const fs::path& local, const std::string& remote,
                       unsigned mode) {
    std::ifstream in(local, std::ios::binary);
    if (!in || fs::is_directory(local))
        throw Error(Failure::lab, fmt::format("{} is not a file that can be read", local.string()));
    std::optional<channel::ExitStatus> end;
    ControlClient::Stream stream;
    stream.on_exit = [&](const channel::ExitStatus& status, bool lost) {
        end = status;
        if (!lost && !status.ok()) // a lost node's message names it already
            end->error = fmt::format("node {}: {}", node, status.error);
    };
    const StreamId id =
        client_->open(node, "put", {{"path", remote}, {"mode", mode}}, std::move(stream));
    std::string buffer(chunk, '\0');
    while (!end && in) {
        in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        client_->input(id,
                       std::string_view(buffer).substr(0, static_cast<std::size_t>(in.gcount())));
        client_->wait([&] { return end || client_->input_backlog(id) == 0; }, milliseconds::max(),
                      -1, {}, true);
    }
    end_input(id);
    client_->wait([&] { return end.has_value(); }, milliseconds::max(), -1, {}, true);
    if (!end->ok())
        throw Error(Failure::lab, end->error);
}

void Session::get_file(const std::string& node, const std::string& remote, const fs::path& local) {
    const fs::path partial = local.string() + ".nflab-part";
    std::ofstream out(partial, std::ios::binary | std::ios::trunc);
    if (!out)
        throw Error(Failure::lab, fmt::format("{} cannot be written", local.string()));
    std::optional<channel::ExitStatus> end;
    ControlClient::Stream stream;
    stream.handler.output = [&](std::string_view bytes) { out << bytes; };
    stream.on_exit = [&](const channel::ExitStatus& status, bool lost) {
        end = status;
        if (!lost && !status.ok()) // a lost node's message names it already
            end->error = fmt::format("node {}: {}", node, status.error);
    };
    std::error_code ignored;
    try {
        client_->open(node, "get", {{"path", remote}}, std::move(stream));
        client_->wait([&] { return end.has_value(); }, milliseconds::max(), -1, {}, true);
        if (!end->ok())
            throw Error(Failure::lab, end->error);
        out.close();
        if (!out)
            throw Error(Failure::lab, fmt::format("{} cannot be written", local.string()));
        fs::rename(partial, local);
    } catch (...) {
        fs::remove(partial, ignored);
        throw;
    }
}

} // namespace nflab::lab
