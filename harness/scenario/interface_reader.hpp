// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/reading.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace nflab::scenario {

/// Reads the interfaces of one node after the other and remembers whose addresses it has seen.
class InterfaceReader {
  public:
    /// `reading` must outlive this; its networks have been read.
    explicit InterfaceReader(Reading& reading) : reading_(reading), problems_(reading.problems) {}

    /// From `addresses` or `interfaces` of a node.
    std::vector<Interface> read(const Fields& node, const std::string& node_name);

  private:
    Interface from_addresses(const Entry& entry, std::size_t number);
    Interface from_interface(const Entry& entry);
    void read_network(Interface& interface, const Text& name);
    void read_addresses(Interface& interface, const std::vector<Text>& texts);
    void read_address(Interface& interface, const Network* network, const Text& text);
    bool check_inside(const Network& network, const Text& text, const Subnet& address);
    bool check_unused(const Interface& interface, const Text& text, const Address& address);
    void read_mac(Interface& interface, const Text& text);
    void check_interface_name(const Text& name);

    Reading& reading_;
    Problems& problems_;
    std::string node_name_;
    std::map<std::pair<std::string, Address>, std::string> address_owners_; ///< by network
    std::map<std::string, std::string> mac_owners_;
};

} // namespace nflab::scenario
