// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/lab_node.hpp"

#include "harness/lab/console_file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <utility>

namespace nflab::lab {
namespace {

using channel::Frame;
using channel::FrameType;
using scenario::NodeKind;

// A machine's end arrives twice, from libvirt and as the end of its channel; only libvirt knows of
// a crash, so the channel's end waits this long for it.
constexpr std::chrono::milliseconds end_grace{500};

std::int64_t wall_clock_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

} // namespace

std::string to_string(LabNode::State state) {
    switch (state) {
    case LabNode::State::starting:
        return "starting";
    case LabNode::State::configuring:
        return "configuring";
    case LabNode::State::ready:
        return "ready";
    case LabNode::State::silent:
        return "silent";
    case LabNode::State::lost:
        return "lost";
    }
    return {};
}

LabNode::LabNode(boost::asio::io_context& io, const plan::Node& node,
                 const plan::Deadlines& deadlines, channel::Configuration configuration,
                 std::filesystem::path console)
    : node_(node), deadlines_(deadlines), configuration_(std::move(configuration)),
      console_(std::move(console)), boot_timer_(io), beat_timer_(io), grace_timer_(io) {}

std::chrono::milliseconds LabNode::age() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 started_);
}

void LabNode::begin() {
    started_ = std::chrono::steady_clock::now();
    boot_timer_.expires_after(deadlines_.boot);
    boot_timer_.async_wait([this](const auto& error) {
        if (!error && (state_ == State::starting || state_ == State::configuring))
            lose(state_ == State::starting ? Loss::hung : Loss::silent);
    });
    schedule_beat();
}

void LabNode::connected(FrameSocket::Socket socket) {
    start_link(std::move(socket));
}

void LabNode::connected_again(FrameSocket::Socket socket, const nlohmann::json& kept) {
    hello_ = kept.at("hello").get<channel::Hello>();
    next_stream_ = kept.at("next_stream").get<std::uint32_t>();
    for (const nlohmann::json& program : kept.at("programs")) {
        const auto stream = program.at("stream").get<std::uint32_t>();
        Kept each{program.at("request"), {}, {}, {}, false};
        for (const nlohmann::json& frame : program.at("frames"))
            each.frames.push_back({static_cast<FrameType>(frame.at("type").get<std::uint16_t>()),
                                   stream, frame.at("payload").get<std::string>()});
        kept_.emplace(stream, std::move(each));
    }
    start_link(std::move(socket));
    handlers_.phase("agent");
    configure();
}

void LabNode::keep(std::function<void(const nlohmann::json&)> done) {
    on_kept_ = std::move(done);
    for (const plan::KeptProgram& program : node_.warm->programs) {
        const std::uint32_t stream = next_stream_++;
        kept_[stream] = {nlohmann::json::parse(program.request), program.ready, {}, {}, false};
        link_->send({FrameType::run, stream, program.request});
    }
    if (kept_.empty())
        come_to_rest();
}

void LabNode::kept_say(std::uint32_t stream, const Frame& frame) {
    Kept& program = kept_.at(stream);
    program.frames.push_back(frame);
    program.ended = program.ended || frame.type == FrameType::exit;
    if (!on_kept_)
        return;
    if (program.ended) {
        fail(fmt::format("a program of a guest that is to be kept ended: {}", frame.payload), true);
        return;
    }
    const bool before = program.said.find(program.ready) != std::string::npos;
    if (frame.type == FrameType::output)
        program.said += frame.payload;
    if (!before && std::all_of(kept_.begin(), kept_.end(), [](const auto& each) {
            return each.second.said.find(each.second.ready) != std::string::npos;
        }))
        come_to_rest();
}

// The agent answers in order: after the answer to this nothing is on its way that was before it.
void LabNode::come_to_rest() {
    beat_timer_.cancel();
    const std::uint32_t stream = next_stream_++;
    sinks_[stream] = [this](const Frame& frame) {
        if (frame.type != FrameType::exit)
            return;
        nlohmann::json kept{{"hello", hello_}, {"next_stream", next_stream_}};
        kept["programs"] = nlohmann::json::array();
        for (const auto& [id, program] : kept_) {
            nlohmann::json frames = nlohmann::json::array();
            for (const Frame& said : program.frames)
                frames.push_back(
                    {{"type", static_cast<std::uint16_t>(said.type)}, {"payload", said.payload}});
            kept["programs"].push_back(
                {{"stream", id}, {"request", program.request}, {"frames", frames}});
        }
        on_kept_(kept);
    };
    link_->send({FrameType::run, stream, nlohmann::json{{"argv", {"true"}}}.dump()});
}

void LabNode::start_link(FrameSocket::Socket socket) {
    link_ = std::make_shared<FrameSocket>(std::move(socket));
    link_->start({[this](const Frame& frame) { received(frame); },
                  [this](const std::string&) {
                      if (node_.kind == NodeKind::netns) {
                          lose(Loss::agent_ended);
                          return;
                      }
                      grace_timer_.expires_after(end_grace);
                      grace_timer_.async_wait([this](const auto& error) {
                          if (!error)
                              lose(Loss::exited);
                      });
                  },
                  [this] {
                      if (on_drained)
                          on_drained();
                  }});
}

void LabNode::machine_ended(bool crashed) {
    lose(crashed ? Loss::panicked : Loss::exited);
}

void LabNode::received(const Frame& frame) {
    if (state_ == State::silent && frame.type != FrameType::hello)
        state_ = State::ready;
    switch (frame.type) {
    case FrameType::hello:
        said_hello(frame.payload);
        return;
    case FrameType::ping:
        link_->send({FrameType::pong, frame.stream, frame.payload});
        return;
    case FrameType::output:
    case FrameType::error_output:
    case FrameType::window:
    case FrameType::exit: {
        const auto found = sinks_.find(frame.stream);
        if (found == sinks_.end()) {
            if (kept_.count(frame.stream) != 0)
                kept_say(frame.stream, frame);
            return; // else of a stream that was dropped
        }
        if (frame.type == FrameType::exit) {
            const Sink sink = std::move(found->second);
            sinks_.erase(found);
            sink(frame);
        } else {
            found->second(frame);
        }
        return;
    }
    default:
        return;
    }
}

void LabNode::said_hello(const std::string& payload) {
    if (state_ != State::starting) {
        // PID 1 says hello once: a second one means that the guest was started anew.
        fail(fmt::format("the agent of node {} started a second time: its state is lost",
                         node_.name),
             true);
        return;
    }
    const nlohmann::json hello = nlohmann::json::parse(payload, nullptr, false);
    if (hello.is_discarded() || hello.value("protocol", 0) != channel::protocol_version) {
        fail(fmt::format("the agent of node {} speaks protocol {}, this nflab speaks {}: the guest "
                         "image and nflab were built from different sources",
                         node_.name, hello.is_object() ? hello.value("protocol", 0) : 0,
                         channel::protocol_version),
             true);
        return;
    }
    hello_ = hello.get<channel::Hello>();
    handlers_.phase("agent");
    if (node_.warm && node_.warm->keep) {
        state_ = State::ready;
        boot_timer_.cancel();
        handlers_.phase("ready");
    } else {
        configure();
    }
}

void LabNode::configure() {
    state_ = State::configuring;
    if (node_.kind == NodeKind::vm)
        configuration_.clock_ns = wall_clock_ns();
    const std::uint32_t stream = next_stream_++;
    sinks_[stream] = [this](const Frame& frame) {
        if (frame.type != FrameType::exit)
            return;
        const auto status =
            nlohmann::json::parse(frame.payload, nullptr, false).get<channel::ExitStatus>();
        if (!status.ok()) {
            fail(fmt::format("node {} cannot be set up: {}", node_.name, status.error), true);
            return;
        }
        state_ = State::ready;
        boot_timer_.cancel();
        handlers_.phase("ready");
    };
    handlers_.phase("configure");
    link_->send({FrameType::configure, stream, nlohmann::json(configuration_).dump()});
}

void LabNode::schedule_beat() {
    const auto interval = std::clamp<std::chrono::milliseconds>(
        deadlines_.silence / 5, std::chrono::milliseconds(50), std::chrono::milliseconds(1000));
    beat_timer_.expires_after(interval);
    beat_timer_.async_wait([this](const auto& error) {
        if (error || state_ == State::lost)
            return;
        beat();
        if (state_ != State::lost)
            schedule_beat();
    });
}

void LabNode::beat() {
    // A panicked guest whose command line does not end it at once says so only here.
    if (node_.kind == NodeKind::vm) {
        const std::uintmax_t size = console_size(console_);
        if (size != console_seen_ && !panic_line(console_tail(console_)).empty()) {
            lose(Loss::panicked);
            return;
        }
        console_seen_ = size;
    }
    if (!link_ || state_ == State::starting || link_->paused())
        return;
    if (state_ != State::silent &&
        FrameSocket::Clock::now() - link_->last_heard() > deadlines_.silence) {
        lose(Loss::silent);
        return;
    }
    link_->send({FrameType::ping, 0, {}});
}

void LabNode::lose(Loss loss) {
    if (state_ == State::lost || (state_ == State::silent && loss == Loss::silent))
        return;
    const std::string text = console_tail(console_);
    loss = loss == Loss::agent_ended ? loss : classify(loss, text);
    const auto after = loss == Loss::silent && state_ == State::ready ? deadlines_.silence : age();
    fail(describe(loss, node_.name, after, text), loss != Loss::silent);
}

void LabNode::fail(const std::string& message, bool for_good) {
    detail_ = message;
    state_ = for_good ? State::lost : State::silent;
    end_streams(message);
    if (for_good) {
        boot_timer_.cancel();
        if (link_)
            link_->close();
        if (on_drained)
            on_drained(); // nobody needs to wait for this node any more
    }
    if (handlers_.failed)
        handlers_.failed(message);
}

void LabNode::end_streams(const std::string& message) {
    const nlohmann::json status{{"code", 0}, {"error", message}, {"node_lost", true}};
    const std::string kill = nlohmann::json{{"signal", SIGKILL}}.dump();
    for (auto& [stream, sink] : std::exchange(sinks_, {})) {
        // An agent that wakes up again must not go on with what nobody waits for.
        if (state_ == State::silent)
            link_->send({FrameType::signal, stream, kill});
        sink({FrameType::exit, stream, status.dump()});
    }
}

std::uint32_t LabNode::open(FrameType type, std::string request, Sink sink) {
    if (state_ != State::ready) {
        const std::string why =
            detail_.empty() ? fmt::format("node {} is not ready", node_.name) : detail_;
        sink({FrameType::exit, 0,
              nlohmann::json{{"code", 0}, {"error", why}, {"node_lost", true}}.dump()});
        return 0;
    }
    if (type == FrameType::run && !kept_.empty())
        if (const std::uint32_t stream =
                adopt(nlohmann::json::parse(request, nullptr, false), sink))
            return stream;
    const std::uint32_t stream = next_stream_++;
    sinks_[stream] = std::move(sink);
    link_->send({type, stream, std::move(request)});
    return stream;
}

std::uint32_t LabNode::adopt(const nlohmann::json& request, Sink& sink) {
    const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const auto& each) {
        return !each.second.ended && each.second.request == request;
    });
    if (found == kept_.end())
        return 0;
    const auto [stream, program] = std::move(*found);
    kept_.erase(found);
    for (const Frame& frame : program.frames)
        sink(frame);
    sinks_[stream] = std::move(sink);
    return stream;
}

void LabNode::send(const Frame& frame) {
    if (link_ && sinks_.count(frame.stream) != 0)
        link_->send(frame);
}

void LabNode::drop(std::uint32_t stream) {
    if (sinks_.erase(stream) == 0 || !link_)
        return;
    link_->send({FrameType::signal, stream, nlohmann::json{{"signal", SIGKILL}}.dump()});
}

nlohmann::json LabNode::status() const {
    nlohmann::json out{{"name", node_.name},
                       {"kind", node_.kind == NodeKind::vm ? "vm" : "netns"},
                       {"state", to_string(state_)},
                       {"kernel", hello_.kernel_release},
                       {"problems", hello_.problems}};
    if (state_ == State::silent || state_ == State::lost)
        out["detail"] = detail_;
    return out;
}

} // namespace nflab::lab
