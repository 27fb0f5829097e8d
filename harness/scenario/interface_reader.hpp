// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/reading.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nflab::scenario {

/// `vlan` and `trunk` of an interface, a port or a bridge.
Vlans read_vlans(const Fields& fields, Problems& problems);

/// "aa:bb:cc:dd:ee:ff" in lower case; nothing when it is not that, or not for one station.
std::optional<std::string> parse_mac(const std::string& text);

/// Reads the interfaces of one node after the other and remembers whose addresses it has seen.
class InterfaceReader {
  public:
    /// `reading` must outlive this; its networks have been read.
    explicit InterfaceReader(Reading& reading) : reading_(reading), problems_(reading.problems) {}

    /// From `addresses` or `interfaces` of a node.
    std::vector<Interface> read(const Fields& node, const std::string& node_name);

    /// An address of a link of `node`, whose interfaces have been read, with its prefix length.
    std::optional<std::string> read_link_address(const Node& node, const Text& text);

    /// The MAC address of an interface or link, in lower case.
    std::optional<std::string> read_mac(const std::string& node_name, const Text& text);

    /// Whether a device can have this name; reports it when not.
    bool check_device_name(const Text& name);

  private:
    Interface from_addresses(const Entry& entry, std::size_t number);
    Interface from_interface(const Entry& entry);
    void read_network(Interface& interface, const Text& name);
    void read_addresses(Interface& interface, const std::vector<Text>& texts);
    void read_address(Interface& interface, const Network* network, const Text& text);
    bool check_inside(const Network& network, const Text& text, const Subnet& address);
    bool check_unused(const std::string& network, const Text& text, const Address& address);

    Reading& reading_;
    Problems& problems_;
    std::string node_name_;
    std::map<std::pair<std::string, Address>, std::string> address_owners_; ///< by network
    std::map<std::string, std::string> mac_owners_;
};

} // namespace nflab::scenario
