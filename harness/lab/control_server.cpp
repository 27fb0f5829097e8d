// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/control_server.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>
#include <utility>

namespace nflab::lab {
namespace {

using channel::Frame;
using channel::FrameType;

// The requests that a command may open a stream with, as `attach` spells them.
constexpr std::pair<std::string_view, FrameType> openers[] = {{"run", FrameType::run},
                                                              {"put", FrameType::put},
                                                              {"get", FrameType::get},
                                                              {"configure", FrameType::configure}};

std::optional<FrameType> opener(const std::string& word) {
    for (const auto& [name, type] : openers)
        if (name == word)
            return type;
    return std::nullopt;
}

} // namespace

// One command. Its streams' numbers are its own; the nodes' agents see others.
class ControlServer::Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(ControlServer& server, FrameSocket::Socket socket)
        : server_(server), socket_(std::make_shared<FrameSocket>(std::move(socket))) {}

    void start() {
        socket_->start({[this](const Frame& frame) { received(frame); },
                        [this](const std::string&) { end(); }, [this] { resume_nodes(); }});
    }

    void resume_sender(LabNode* node) {
        if (held_for_.erase(node) != 0)
            socket_->resume();
    }

  private:
    struct Binding {
        LabNode* node = nullptr;
        std::uint32_t agent_stream = 0;
    };

    void received(const Frame& frame) {
        switch (frame.type) {
        case FrameType::attach:
            attach(frame);
            return;
        case FrameType::info:
            socket_->send({FrameType::info, frame.stream, server_.lab_.info().dump()});
            return;
        case FrameType::down:
            server_.lab_.down();
            return;
        case FrameType::ping:
            socket_->send({FrameType::pong, frame.stream, frame.payload});
            return;
        case FrameType::input:
        case FrameType::input_end:
        case FrameType::signal:
        case FrameType::resize:
            forward(frame);
            return;
        default:
            return;
        }
    }

    void refuse(std::uint32_t stream, const std::string& why) {
        socket_->send({FrameType::exit, stream,
                       nlohmann::json{{"code", 0}, {"error", why}, {"refused", true}}.dump()});
    }

    void attach(const Frame& frame) {
        const nlohmann::json request = nlohmann::json::parse(frame.payload, nullptr, false);
        if (!request.is_object() || !request.contains("node") || !request["node"].is_string() ||
            !request.contains("type") || !request["type"].is_string() ||
            !request.contains("request"))
            return refuse(frame.stream, "attach needs node, type and request");
        const std::optional<FrameType> type = opener(request["type"]);
        if (!type)
            return refuse(frame.stream, "attach: type is run, put, get or configure");
        LabNode* node = server_.lab_.find(request["node"]);
        if (!node)
            return refuse(frame.stream, fmt::format("the lab has no node '{}'",
                                                    request["node"].get<std::string>()));
        if (frame.stream == 0 || bindings_.count(frame.stream) != 0)
            return refuse(frame.stream, "attach: the stream is already in use");
        const std::uint32_t mine = frame.stream;
        const std::uint32_t agents =
            node->open(*type, request["request"].dump(),
                       [this, node, mine,
                        alive = std::weak_ptr<Connection>(weak_from_this())](const Frame& answer) {
                           if (const auto keep = alive.lock())
                               from_node(node, mine, answer);
                       });
        if (agents != 0)
            bindings_[mine] = {node, agents};
    }

    void forward(const Frame& frame) {
        const auto found = bindings_.find(frame.stream);
        if (found == bindings_.end())
            return; // crossed with the stream's exit
        LabNode* node = found->second.node;
        node->send({frame.type, found->second.agent_stream, frame.payload});
        if (node->link()->queued() > FrameSocket::high_water && held_for_.insert(node).second)
            socket_->pause();
    }

    void from_node(LabNode* node, std::uint32_t mine, const Frame& answer) {
        if (answer.type == FrameType::exit)
            bindings_.erase(mine);
        socket_->send({answer.type, mine, answer.payload});
        if (socket_->queued() > FrameSocket::high_water && node->link() &&
            holds_.insert(node->link()).second)
            node->link()->pause();
    }

    void resume_nodes() {
        for (const std::shared_ptr<FrameSocket>& link : std::exchange(holds_, {}))
            link->resume();
    }

    void end() {
        const auto keep = shared_from_this();
        for (const auto& [mine, binding] : std::exchange(bindings_, {}))
            binding.node->drop(binding.agent_stream);
        resume_nodes();
        server_.connections_.erase(keep);
    }

    ControlServer& server_;
    std::shared_ptr<FrameSocket> socket_;
    std::map<std::uint32_t, Binding> bindings_;
    std::set<std::shared_ptr<FrameSocket>> holds_; ///< links paused until our output drains
    std::set<LabNode*> held_for_;                  ///< nodes whose links our input waits for
};

ControlServer::ControlServer(boost::asio::io_context& io, const std::string& path, Lab lab)
    : lab_(std::move(lab)), acceptor_(io, boost::asio::local::stream_protocol::endpoint(path)) {
    accept();
}

ControlServer::~ControlServer() = default;

void ControlServer::resume_senders(LabNode* node) {
    for (const auto& connection : connections_)
        connection->resume_sender(node);
}

void ControlServer::accept() {
    acceptor_.async_accept([this](const auto& error, FrameSocket::Socket socket) {
        if (!error) {
            const auto connection = std::make_shared<Connection>(*this, std::move(socket));
            connections_.insert(connection);
            connection->start();
        }
        accept();
    });
}

} // namespace nflab::lab
