// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/flow.hpp"

#include "harness/verdict/packet.hpp"

namespace nflab::verdict {
namespace {

bool is_one_of(const std::string& address, const std::string& a, const std::string& b) {
    return address == a || address == b;
}

// Whether a packet's addresses are those of this direction, before, between or after translations.
bool travels_as(const Packet& packet, const Tuple& there, const Tuple& back) {
    return is_one_of(packet.source, there.source, back.destination) &&
           is_one_of(packet.destination, there.destination, back.source);
}

} // namespace

Tuple tuple_of(const Packet& packet) {
    if (is_echo(packet))
        return {packet.source, packet.destination, packet.icmp_id, packet.icmp_id};
    return {packet.source, packet.destination, packet.source_port, packet.destination_port};
}

Tuple inverse(const Tuple& tuple) {
    return {tuple.destination, tuple.source, tuple.destination_port, tuple.source_port};
}

bool same_addresses(const Tuple& a, const Tuple& b) {
    return a.source == b.source && a.destination == b.destination;
}

bool same_end_points(const Tuple& a, const Tuple& b) {
    return same_addresses(a, b) && a.source_port == b.source_port &&
           a.destination_port == b.destination_port;
}

FlowNames flow_names(const Record& record) {
    FlowNames flow;
    flow.names[0] = tuple_of(record.packet);
    // The entry of an ICMP error is that of the connection which it is about.
    if (!record.conntrack || !record.conntrack->original || !record.conntrack->reply ||
        (is_icmp(record.packet) && !is_echo(record.packet)))
        return flow;
    const Tuple& original = *record.conntrack->original;
    const Tuple& reply = *record.conntrack->reply;
    const bool there = travels_as(record.packet, original, reply);
    const bool back = travels_as(record.packet, reply, original);
    if (!there && !back)
        return flow;
    // Between a machine and itself both fit by address, and the ports tell.
    flow.reply = there && back ? flow.names[0].source_port == reply.source_port &&
                                     flow.names[0].source_port != original.source_port
                               : back;
    flow.names[1] = flow.reply ? reply : original;
    flow.names[2] = inverse(flow.reply ? original : reply);
    flow.count = 3;
    return flow;
}

bool same_flow(const Record& a, const Record& b) {
    const FlowNames left = flow_names(a);
    const FlowNames right = flow_names(b);
    const bool by_address = !knows_transport(a.packet) || !knows_transport(b.packet);
    for (std::size_t i = 0; i < left.count; ++i)
        for (std::size_t j = 0; j < right.count; ++j)
            if (by_address ? same_addresses(left.names[i], right.names[j])
                           : same_end_points(left.names[i], right.names[j]))
                return true;
    return false;
}

} // namespace nflab::verdict
