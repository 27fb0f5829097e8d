// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/plan/plan.hpp"

#include <string>
#include <vector>

/// A lab's nodes and networks as a picture. Pure.
namespace nflab::report {

/// Lengths in CSS pixels; y grows downwards.
struct Box {
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
};

struct DrawnNetwork {
    std::string name;
    std::vector<std::string> subnets; ///< of its interfaces' addresses
    Box box;
};

/// One line in a node's box: "eth0", "192.0.2.1/24".
struct DrawnInterface {
    std::string name;
    std::string address; ///< empty: none
    double y = 0;        ///< middle of its line
};

struct DrawnNode {
    std::string name;
    std::string kind; ///< "vm, traced", "netns"
    std::vector<DrawnInterface> interfaces;
    Box box;
};

struct Wire {
    std::string node;
    std::string network;
    double x1 = 0, y1 = 0; ///< at the node
    double x2 = 0, y2 = 0; ///< at the network
};

struct TopologyDrawing {
    double width = 0;
    double height = 0;
    std::vector<DrawnNode> nodes;
    std::vector<DrawnNetwork> networks;
    std::vector<Wire> wires;
};

/// Columns from left to right: nodes and networks in turns, each as far from the first node as
/// wires go; parts that are not connected stand below each other. The same plan gives the same
/// picture.
TopologyDrawing draw_topology(const std::vector<plan::Node>& nodes,
                              const std::vector<plan::Network>& networks);

/// As an SVG element without styles of its own: classes network, node, wire, and the attributes
/// data-node and data-network. Empty for an empty drawing.
std::string svg(const TopologyDrawing& drawing);

} // namespace nflab::report
