// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/node_program.hpp"

#include <utility>

namespace nflab::step {

NodeProgram::NodeProgram(lab::Session& session, const Order& order, OnLine on_line)
    : session_(session), on_line_(std::move(on_line)) {
    lab::StreamHandler handler;
    handler.output = [this](std::string_view bytes) { lines_.feed(bytes, on_line_); };
    handler.error_output = [this](std::string_view bytes) { error_output_.append(bytes); };
    handler.exit = [this](const channel::ExitStatus& status) {
        status_ = status;
        ended_ = true;
    };
    channel::RunRequest request;
    request.argv = order.argv;
    request.input = order.input;
    request.timeout_ms = static_cast<std::uint32_t>(order.limit.count());
    stream_ = session_.start(order.node, request, std::move(handler));
}

NodeProgram::~NodeProgram() {
    session_.close(stream_);
}

void NodeProgram::input(std::string_view bytes) {
    session_.send_input(stream_, bytes);
    session_.end_input(stream_);
}

void NodeProgram::wait(const std::function<bool()>& done, std::chrono::milliseconds limit) {
    session_.wait([&] { return ended_ || done(); }, limit);
}

void NodeProgram::wait_end(std::chrono::milliseconds limit) {
    session_.wait([this] { return ended_; }, limit);
}

void NodeProgram::kill() {
    session_.close(stream_);
    ended_ = true;
}

std::string NodeProgram::complaint() const {
    if (!status_.error.empty())
        return status_.error;
    return error_output_.empty() ? "no answer in time" : error_output_;
}

} // namespace nflab::step
