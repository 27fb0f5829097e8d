// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/tracer.hpp"

#include "harness/base/error.hpp"
#include "harness/step/lines.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace nflab::step {

struct Tracer::State {
    LineBuffer lines;
    lab::StreamId stream = 0;
    bool ready = false;
    bool ended = false;
    std::uint64_t synchronised = 0;
    std::uint64_t wanted = 0;
    std::string complaint; // nfverdict's last error, for the message when it ends
    Observation observation;
    std::vector<verdict::Record> records;
};

bool TraceOrder::needs_module() const {
    return std::find(arguments.begin(), arguments.end(), "kretprobe") != arguments.end();
}

channel::RunRequest trace_request(const TraceOrder& order) {
    channel::RunRequest request;
    request.argv = {order.program, "trace", "--json", "--load", "--until-eof"};
    if (order.mode == scenario::Trace::all)
        request.argv.emplace_back("--all");
    request.argv.insert(request.argv.end(), order.arguments.begin(), order.arguments.end());
    if (!order.filter.empty())
        request.argv.insert(request.argv.end(), {"--", order.filter});
    request.input = true;
    return request;
}

Tracer::Tracer(lab::Session& session, const TraceOrder& order)
    : session_(session), state_(std::make_unique<State>()) {
    state_->observation.node = order.node;
    if (order.needs_module())
        session_.put_file(order.node, order.module, "/run/nflab/nflab_kretprobe.ko", 0600);
    lab::StreamHandler handler;
    handler.output = [this](std::string_view bytes) {
        state_->lines.feed(bytes, [this](std::string_view line) { read_line(line); });
    };
    handler.error_output = [this](std::string_view bytes) { state_->complaint.append(bytes); };
    handler.exit = [this](const channel::ExitStatus& status) {
        state_->ended = true;
        if (!status.error.empty())
            state_->complaint = status.error;
    };
    state_->stream =
        session_.start(state_->observation.node, trace_request(order), std::move(handler));
}

Tracer::~Tracer() {
    session_.close(state_->stream);
}

void Tracer::read_line(std::string_view line) {
    const auto message = nlohmann::json::parse(line, nullptr, false);
    if (!message.is_object()) {
        state_->complaint.append(line);
        return;
    }
    const std::string type = message.value("type", "");
    if (type == "verdict") {
        auto record = message.get<verdict::Record>();
        record.node = state_->observation.node;
        ++state_->observation.records;
        if (on_record)
            on_record(record);
        state_->records.push_back(std::move(record));
    } else if (type == "ready") {
        state_->ready = true;
        state_->observation.method = message.value("method", "");
    } else if (type == "sync") {
        state_->synchronised = message.value("value", std::uint64_t{0});
    } else if (type == "lost") {
        state_->observation.lost += message.value("count", std::uint64_t{0});
    } else if (type == "notice") {
        state_->observation.notices.push_back(message.value("message", ""));
    } else if (type == "error") {
        state_->complaint = message.value("message", "");
        state_->observation.notices.push_back(state_->complaint);
    }
}

void Tracer::wait_ready(std::chrono::milliseconds limit) {
    session_.wait([this] { return state_->ready || state_->ended; }, limit);
    if (state_->ready)
        return;
    throw Error(Failure::lab,
                fmt::format("nfverdict cannot observe node '{}': {}", state_->observation.node,
                            !state_->ended
                                ? fmt::format("not ready after {} s", limit.count() / 1000)
                            : state_->complaint.empty() ? "it ended without a word"
                                                        : state_->complaint),
                "`nflab exec LAB NODE -- nfverdict check` shows what it finds");
}

void Tracer::synchronise(std::chrono::milliseconds limit) {
    const std::uint64_t value = ++state_->wanted;
    session_.send_input(state_->stream, fmt::format("sync {}\n", value));
    session_.wait([&] { return state_->synchronised >= value || state_->ended; }, limit);
    if (state_->synchronised < value)
        throw Error(Failure::lab, fmt::format("nfverdict in node '{}' {}", state_->observation.node,
                                              state_->ended ? "ended: " + state_->complaint
                                                            : "stopped answering"));
}

std::vector<verdict::Record> Tracer::take() {
    return std::exchange(state_->records, {});
}

const Observation& Tracer::observation() const {
    return state_->observation;
}

} // namespace nflab::step
