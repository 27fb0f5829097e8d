// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/topology_drawing.hpp"

#include "harness/scenario/address.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>

namespace nflab::report {
namespace {

// Of the monospaced font that report/html/style.css asks for, 12 px high; a little more than it
// needs, as fonts differ.
constexpr double character = 7.4;
constexpr double line_height = 18;
constexpr double padding = 12;
constexpr double column_gap = 44;
constexpr double row_gap = 24;
constexpr double margin = 6;

double text_width(const std::string& text) {
    return static_cast<double>(text.size()) * character;
}

// A node or a network of the graph.
struct Vertex {
    bool is_network = false;
    std::size_t index = 0;
    auto operator<=>(const Vertex&) const = default; // NOLINT(modernize-use-nullptr): its own zero
};

class Graph {
  public:
    Graph(const std::vector<plan::Node>& nodes, const std::vector<plan::Network>& networks) {
        std::map<std::string, std::size_t> numbers;
        for (std::size_t i = 0; i < networks.size(); ++i)
            numbers[networks[i].name] = i;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            vertices_.push_back({false, i});
            for (const plan::Nic& nic : nodes[i].nics)
                if (const auto network = numbers.find(nic.network); network != numbers.end())
                    join({false, i}, {true, network->second});
        }
        for (std::size_t i = 0; i < networks.size(); ++i)
            vertices_.push_back({true, i});
    }

    // Columns of one connected part after the other.
    std::vector<std::vector<std::vector<Vertex>>> parts() const {
        std::vector<std::vector<std::vector<Vertex>>> parts;
        std::set<Vertex> seen;
        for (const Vertex& root : vertices_)
            if (!seen.contains(root))
                parts.push_back(columns_from(outermost(root), seen));
        return parts;
    }

  private:
    void join(Vertex a, Vertex b) {
        neighbours_[a].push_back(b);
        neighbours_[b].push_back(a);
    }

    // A node with one network begins a picture better than a router in its middle does.
    Vertex outermost(const Vertex& start) const {
        std::set<Vertex> seen;
        for (const auto& column : columns_from(start, seen))
            for (const Vertex& vertex : column) {
                const auto all = neighbours_.find(vertex);
                if (!vertex.is_network && all != neighbours_.end() && all->second.size() == 1)
                    return vertex;
            }
        return start;
    }

    std::vector<std::vector<Vertex>> columns_from(const Vertex& root,
                                                  std::set<Vertex>& seen) const {
        std::vector<std::vector<Vertex>> columns{{root}};
        seen.insert(root);
        while (true) {
            std::vector<Vertex> next;
            for (const Vertex& vertex : columns.back())
                if (const auto all = neighbours_.find(vertex); all != neighbours_.end())
                    for (const Vertex& other : all->second)
                        if (seen.insert(other).second)
                            next.push_back(other);
            if (next.empty())
                return columns;
            columns.push_back(std::move(next));
        }
    }

    std::vector<Vertex> vertices_;
    std::map<Vertex, std::vector<Vertex>> neighbours_;
};

std::string subnet_of(const std::string& cidr) {
    const auto subnet = scenario::Subnet::parse(cidr);
    return subnet ? scenario::Subnet{subnet->first(), subnet->prefix}.text() : "";
}

DrawnNetwork make_network(const plan::Network& network, const std::vector<plan::Node>& nodes) {
    DrawnNetwork drawn;
    drawn.name = network.name;
    for (const plan::Node& node : nodes)
        for (const plan::Nic& nic : node.nics)
            if (nic.network == network.name)
                for (const std::string& address : nic.addresses) {
                    const std::string subnet = subnet_of(address);
                    if (!subnet.empty() && std::find(drawn.subnets.begin(), drawn.subnets.end(),
                                                     subnet) == drawn.subnets.end())
                        drawn.subnets.push_back(subnet);
                }
    drawn.box.width = text_width(drawn.name) + 2 * padding;
    for (const std::string& subnet : drawn.subnets)
        drawn.box.width = std::max(drawn.box.width, text_width(subnet) + 2 * padding);
    drawn.box.height = line_height * static_cast<double>(1 + drawn.subnets.size()) + padding;
    return drawn;
}

DrawnNode make_node(const plan::Node& node) {
    DrawnNode drawn;
    drawn.name = node.name;
    drawn.kind = node.kind == scenario::NodeKind::vm ? "vm" : "netns";
    if (node.trace != scenario::Trace::none)
        drawn.kind += ", traced";
    double width = text_width(drawn.name + "  " + drawn.kind);
    for (const plan::Nic& nic : node.nics) {
        std::string name = nic.name;
        for (const std::string& address : nic.addresses) {
            drawn.interfaces.push_back({name, address, 0});
            name.clear();
        }
        if (nic.addresses.empty())
            drawn.interfaces.push_back({name, "", 0});
    }
    for (const DrawnInterface& line : drawn.interfaces)
        width = std::max(width, text_width(line.name + "  " + line.address));
    drawn.box.width = width + 2 * padding;
    drawn.box.height = line_height * static_cast<double>(1 + drawn.interfaces.size()) + 2 * padding;
    return drawn;
}

class Drawer {
  public:
    Drawer(const std::vector<plan::Node>& nodes, const std::vector<plan::Network>& networks)
        : nodes_(nodes) {
        for (const plan::Node& node : nodes)
            drawing_.nodes.push_back(make_node(node));
        for (const plan::Network& network : networks)
            drawing_.networks.push_back(make_network(network, nodes));
    }

    TopologyDrawing draw(const Graph& graph) {
        double top = margin;
        for (const auto& columns : graph.parts())
            top = place(columns, top) + row_gap;
        drawing_.height = std::max(0.0, top - row_gap) + margin;
        for (DrawnNode& node : drawing_.nodes) {
            double y = node.box.y + padding + line_height * 1.5;
            for (DrawnInterface& line : node.interfaces) {
                line.y = y;
                y += line_height;
            }
        }
        for (std::size_t i = 0; i < nodes_.size(); ++i)
            connect(nodes_[i], drawing_.nodes[i]);
        return std::move(drawing_);
    }

  private:
    Box& box(const Vertex& vertex) {
        return vertex.is_network ? drawing_.networks[vertex.index].box
                                 : drawing_.nodes[vertex.index].box;
    }

    // Returns where the part ends below.
    double place(const std::vector<std::vector<Vertex>>& columns, double top) {
        double highest = 0;
        std::vector<double> heights;
        for (const auto& column : columns) {
            double height = -row_gap;
            for (const Vertex& vertex : column)
                height += box(vertex).height + row_gap;
            heights.push_back(height);
            highest = std::max(highest, height);
        }
        double x = margin;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            double width = 0;
            for (const Vertex& vertex : columns[i])
                width = std::max(width, box(vertex).width);
            double y = top + (highest - heights[i]) / 2;
            for (const Vertex& vertex : columns[i]) {
                Box& each = box(vertex);
                each.x = x + (width - each.width) / 2;
                each.y = y;
                y += each.height + row_gap;
            }
            x += width + column_gap;
        }
        drawing_.width = std::max(drawing_.width, x - column_gap + margin);
        return top + highest;
    }

    void connect(const plan::Node& node, const DrawnNode& drawn) {
        for (const plan::Nic& nic : node.nics) {
            const auto network =
                std::find_if(drawing_.networks.begin(), drawing_.networks.end(),
                             [&](const DrawnNetwork& each) { return each.name == nic.network; });
            const auto line =
                std::find_if(drawn.interfaces.begin(), drawn.interfaces.end(),
                             [&](const DrawnInterface& each) { return each.name == nic.name; });
            if (network == drawing_.networks.end() || line == drawn.interfaces.end())
                continue;
            const Box& from = drawn.box;
            const Box& to = network->box;
            const bool rightwards = to.x > from.x;
            drawing_.wires.push_back({node.name, network->name,
                                      rightwards ? from.x + from.width : from.x, line->y,
                                      rightwards ? to.x : to.x + to.width, to.y + to.height / 2});
        }
    }

    const std::vector<plan::Node>& nodes_;
    TopologyDrawing drawing_;
};

} // namespace

TopologyDrawing draw_topology(const std::vector<plan::Node>& nodes,
                              const std::vector<plan::Network>& networks) {
    return Drawer(nodes, networks).draw(Graph(nodes, networks));
}

} // namespace nflab::report
