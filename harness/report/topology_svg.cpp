// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/xml.hpp"
#include "harness/report/topology_drawing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nflab::report {
namespace {

constexpr double inset = 12;
constexpr double line_height = 18;

std::string text(const char* css_class, double x, double y, const std::string& words) {
    return fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", css_class, x, y,
                       xml_escape(words));
}

std::string rect(const Box& box, double radius) {
    return fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"{}\"/>", box.x,
        box.y, box.width, box.height, radius);
}

std::string network_svg(const DrawnNetwork& network) {
    const double middle = network.box.x + network.box.width / 2;
    double y = network.box.y + line_height + 2;
    std::string out =
        fmt::format("<g class=\"network\" data-network=\"{}\">{}{}", xml_escape(network.name),
                    rect(network.box, 14), text("name middle", middle, y, network.name));
    for (const std::string& subnet : network.subnets)
        out += text("middle faint", middle, y += line_height, subnet);
    return out + "</g>";
}

std::string node_svg(const DrawnNode& node) {
    const double left = node.box.x + inset;
    const double right = node.box.x + node.box.width - inset;
    const double title = node.box.y + inset + line_height * 0.7;
    std::string out = fmt::format(
        "<g class=\"node\" data-node=\"{}\">{}{}{}", xml_escape(node.name), rect(node.box, 6),
        text("name", left, title, node.name), text("end faint", right, title, node.kind));
    for (const DrawnInterface& line : node.interfaces) {
        if (!line.name.empty())
            out += text("interface", left, line.y + 4, line.name);
        if (!line.address.empty())
            out += text("end", right, line.y + 4, line.address);
    }
    return out + "</g>";
}

// Leaves and arrives level.
std::string wire_svg(const Wire& wire) {
    const double bend = (wire.x1 + wire.x2) / 2;
    return fmt::format("<path class=\"wire\" d=\"M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} "
                       "{:.1f}\"/>",
                       wire.x1, wire.y1, bend, wire.y1, bend, wire.y2, wire.x2, wire.y2);
}

// For those who cannot see it.
std::string description(const TopologyDrawing& drawing) {
    std::vector<std::string> parts;
    for (const DrawnNode& node : drawing.nodes) {
        std::vector<std::string> networks;
        for (const Wire& wire : drawing.wires)
            if (wire.node == node.name)
                networks.push_back(wire.network);
        parts.push_back(fmt::format(
            "{} ({}) in {}", node.name, node.kind,
            networks.empty() ? "no network" : fmt::format("{}", fmt::join(networks, ", "))));
    }
    return fmt::format("{}", fmt::join(parts, "; "));
}

} // namespace

std::string svg(const TopologyDrawing& drawing) {
    if (drawing.nodes.empty() && drawing.networks.empty())
        return {};
    std::string out = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"topology\" role=\"img\" "
        "viewBox=\"0 0 {:.0f} {:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" aria-label=\"{}\">",
        drawing.width, drawing.height, drawing.width, drawing.height,
        xml_escape("Topology: " + description(drawing)));
    for (const Wire& wire : drawing.wires)
        out += wire_svg(wire);
    for (const DrawnNetwork& network : drawing.networks)
        out += network_svg(network);
    for (const DrawnNode& node : drawing.nodes)
        out += node_svg(node);
    return out + "</svg>";
}

} // namespace nflab::report
