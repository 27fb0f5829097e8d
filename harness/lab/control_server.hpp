// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/lab_node.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>
#include <set>
#include <string>

namespace nflab::lab {

/// The socket at which commands reach a running lab (docs/formats/control.md): routes frames
/// between any number of commands and the nodes' agents.
class ControlServer {
  public:
    struct Lab {
        std::function<LabNode*(const std::string& name)> find; ///< null: no such node
        std::function<nlohmann::json()> info;
        std::function<void()> down;
    };

    /// Listens at `path`. Throws boost::system::system_error when that fails.
    ControlServer(boost::asio::io_context& io, const std::string& path, Lab lab);
    ~ControlServer();

    /// A node's link takes input again: commands that were held back for it go on.
    void resume_senders(LabNode* node);

  private:
    class Connection;
    void accept();

    Lab lab_;
    boost::asio::local::stream_protocol::acceptor acceptor_;
    std::set<std::shared_ptr<Connection>> connections_;
};

} // namespace nflab::lab
