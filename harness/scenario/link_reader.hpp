// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/interface_reader.hpp"

#include <set>
#include <string>
#include <vector>

namespace nflab::scenario {

/// Reads `links` of one node or of a namespace inside of one.
class LinkReader {
  public:
    /// All must outlive this. `interfaces` of the node have been read; `namespaces` are those
    /// inside of it, empty but for their names.
    LinkReader(Reading& reading, InterfaceReader& interfaces, Node& node,
               std::vector<Node>& namespaces)
        : reading_(reading), problems_(reading.problems), interfaces_(interfaces), node_(node),
          namespaces_(namespaces) {}

    /// Adds to the node's links, and the other end of a veth to those of the namespace that it is
    /// in.
    void read(const Fields& fields);

  private:
    void read_link(const Entry& entry);
    void read_ports(const Fields& fields, Link& link);
    void read_peer(const Fields& fields, const Link& link);
    void read_addresses(const Node& node, const std::vector<Text>& texts, Link& link);
    void read_endpoint(const Fields& fields, const char* key, std::string& address);
    void check_keys(const Fields& fields, const Link& link);
    void check_devices(const Fields& fields);
    void check_device(const Link& link, const Text& name, const char* key);
    void check_new(const Node& node, const Text& name);

    Reading& reading_;
    Problems& problems_;
    InterfaceReader& interfaces_;
    Node& node_;
    std::vector<Node>& namespaces_;
};

/// Names of the node's interfaces and links.
std::vector<std::string> device_names(const Node& node);

} // namespace nflab::scenario
