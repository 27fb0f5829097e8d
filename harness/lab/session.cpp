// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/session.hpp"

#include "harness/base/error.hpp"
#include "harness/lab/control_client.hpp"

#include <nlohmann/json.hpp>

#include <ctime>
#include <optional>
#include <utility>

namespace nflab::lab {

using channel::FrameType;
using std::chrono::milliseconds;

Session::Session(std::unique_ptr<ControlClient> client) : client_(std::move(client)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Session Session::connect(const std::string& lab) {
    return Session(std::make_unique<ControlClient>(lab));
}

const plan::Plan& Session::plan() const {
    return client_->plan();
}

LabStatus Session::status() {
    const nlohmann::json info = client_->ask();
    LabStatus status;
    status.uptime = std::chrono::seconds(std::time(nullptr) - info.value("started", 0L));
    for (const nlohmann::json& node : info.at("nodes")) {
        NodeStatus each;
        each.name = node.value("name", "");
        each.kind =
            node.value("kind", "") == "vm" ? scenario::NodeKind::vm : scenario::NodeKind::netns;
        each.state = node.value("state", "");
        each.detail = node.value("detail", "");
        each.kernel = node.value("kernel", "");
        each.memory_kib = node.value("memory_kib", std::uint64_t{0});
        each.problems = node.value("problems", std::vector<std::string>());
        each.console = node.value("console", "");
        status.nodes.push_back(std::move(each));
    }
    return status;
}

RunResult Session::run(const std::string& node, const channel::RunRequest& request,
                       const std::string& input) {
    RunResult result;
    std::optional<bool> lost;
    channel::RunRequest with_input = request;
    with_input.input = request.input || !input.empty();
    ControlClient::Stream stream;
    stream.handler.output = [&](std::string_view bytes) { result.out += bytes; };
    stream.handler.error_output = [&](std::string_view bytes) { result.err += bytes; };
    stream.on_exit = [&](const channel::ExitStatus& status, bool node_lost) {
        result.status = status;
        lost = node_lost;
    };
    const StreamId id = client_->open(node, "run", with_input, std::move(stream));
    // The stream's handlers refer to this call's locals.
    struct Closer {
        ControlClient& client;
        StreamId id;
        ~Closer() {
            try {
                client.close(id);
            } catch (const Error&) { // the lab has ended, and the stream with it
            }
        }
    } closer{*client_, id};
    if (with_input.input) {
        client_->input(id, input);
        client_->end_input(id);
    }
    client_->wait([&] { return lost.has_value(); }, milliseconds::max(), -1, {}, true);
    if (*lost)
        throw Error(Failure::lab, result.status.error);
    return result;
}

StreamId Session::start(const std::string& node, const channel::RunRequest& request,
                        StreamHandler handler) {
    return client_->open(node, "run", request, {std::move(handler), {}});
}

void Session::close(StreamId stream) {
    client_->close(stream);
}

void Session::send_input(StreamId stream, std::string_view bytes) {
    client_->input(stream, bytes);
}

void Session::end_input(StreamId stream) {
    client_->end_input(stream);
}

std::size_t Session::input_backlog(StreamId stream) const {
    return client_->input_backlog(stream);
}

void Session::send_signal(StreamId stream, int signal) {
    if (client_->is_open(stream))
        client_->post({FrameType::signal, stream, nlohmann::json{{"signal", signal}}.dump()});
}

void Session::resize(StreamId stream, int rows, int columns) {
    if (client_->is_open(stream))
        client_->post({FrameType::resize, stream,
                       nlohmann::json{{"rows", rows}, {"columns", columns}}.dump()});
}

bool Session::wait(const std::function<bool()>& done, milliseconds limit, int fd,
                   const std::function<void()>& readable) {
    return client_->wait(done, limit, fd, readable);
}

} // namespace nflab::lab
