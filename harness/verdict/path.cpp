// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/path.hpp"

#include "harness/verdict/cause.hpp"
#include "harness/verdict/decision.hpp"
#include "harness/verdict/flow.hpp"
#include "harness/verdict/hook_order.hpp"
#include "harness/verdict/sent_match.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace nflab::verdict {
namespace {

// net.ipv4.ipfrag_time: the kernel waits no longer for the rest of a datagram.
constexpr std::uint64_t fragments_ns = 30'000'000'000;
// A packet that goes to another namespace of the same machine does so at once, but for a queue.
constexpr std::uint64_t crossing_ns = 2'000'000'000;
// What one TSO packet may become, GSO_MAX_SEGS of include/linux/netdevice.h; bounds the ids.
constexpr std::uint32_t most_segments = 64;

// What has been found out about one packet: its sk_buffs in all namespaces and nodes.
struct Group {
    std::vector<Visit> visits;
    bool doubtful = false;
};

bool same_place(const Record& a, const Record& b) {
    return a.node == b.node && a.netns == b.netns;
}

bool is_fragmented(const Visit& visit) {
    return visit.first().packet.is_fragment() || visit.last().packet.is_fragment();
}

// Records near the end of one visit and the beginning of another look most alike.
template <typename Test>
bool any_pair(const Visit& a, const Visit& b, const Test& test) {
    return test(a.first(), b.first()) || test(a.last(), b.first()) || test(a.last(), b.last()) ||
           test(a.first(), b.last());
}

bool is_piece(const Visit& a, const Visit& b) {
    if (!is_fragmented(a) && !is_fragmented(b))
        return false;
    if (a.first().node == b.first().node && b.first().time_ns > a.last().time_ns + fragments_ns)
        return false;
    return any_pair(a, b, [](const Record& left, const Record& right) {
        return same_datagram(left.packet, right.packet) && same_flow(left, right);
    });
}

bool is_segment(const Visit& a, const Visit& b) {
    return any_pair(a, b, [](const Record& left, const Record& right) {
        const Packet& whole =
            left.packet.payload > right.packet.payload ? left.packet : right.packet;
        const Packet& part = &whole == &left.packet ? right.packet : left.packet;
        const auto id = static_cast<std::uint16_t>(part.ip_id - whole.ip_id);
        return overlaps(left.packet, right.packet) && id < most_segments && same_flow(left, right);
    });
}

// A retransmission holds bytes that another segment has brought here already.
bool is_covered(const Group& group, const Visit& visit) {
    const Packet& packet = visit.first().packet;
    return std::any_of(group.visits.begin(), group.visits.end(), [&](const Visit& other) {
        const Packet& seen = other.first().packet;
        return same_place(other.first(), visit.first()) &&
               packet.tcp_sequence - seen.tcp_sequence < seen.payload;
    });
}

bool crosses(const Visit& a, const Visit& b) {
    const bool one_machine = a.first().node == b.first().node;
    if (one_machine && (b.first().time_ns < a.first().time_ns ||
                        b.first().time_ns - a.last().time_ns > crossing_ns))
        return false;
    return any_pair(a, b, [](const Record& left, const Record& right) {
        return same_headers(left.packet, right.packet) &&
               (same_flow(left, right) || is_unmistakable(left.packet, right.packet));
    });
}

bool belongs(const Group& group, const Visit& visit) {
    const auto any = [&](auto test) {
        return std::any_of(group.visits.begin(), group.visits.end(),
                           [&](const Visit& other) { return test(other, visit); });
    };
    if (any(is_piece))
        return true;
    const bool been_here = any([](const Visit& other, const Visit& next) {
        return same_place(other.first(), next.first());
    });
    if (!been_here && any(crosses))
        return true;
    return any([&](const Visit& other, const Visit& next) {
        return !same_place(other.first(), next.first()) && is_segment(other, next) &&
               !is_covered(group, next);
    });
}

// Joins visits into groups, one for each packet.
class Groups {
  public:
    // To the earliest that fits; that another one fits as well is kept in mind.
    void add(Visit visit) {
        std::set<std::size_t> candidates;
        for (const Key& key : keys(visit))
            if (const auto found = by_key_.find(key); found != by_key_.end())
                candidates.insert(found->second.begin(), found->second.end());
        std::optional<std::size_t> home;
        for (const std::size_t each : candidates) {
            if (!belongs(groups_[each], visit))
                continue;
            if (home) {
                groups_[*home].doubtful = groups_[each].doubtful = true;
                break;
            }
            home = each;
        }
        if (!home) {
            home = groups_.size();
            groups_.emplace_back();
        }
        for (const Key& key : keys(visit))
            by_key_[key].insert(*home);
        groups_[*home].visits.push_back(std::move(visit));
    }

    std::vector<Group> take() { return std::move(groups_); }

  private:
    // Sightings of one packet have this in common; segments of TCP have ids of their own.
    using Key = std::pair<int, std::uint32_t>;
    static std::set<Key> keys(const Visit& visit) {
        const auto key = [](const Packet& packet) {
            return Key{packet.protocol, packet.protocol == IPPROTO_TCP ? 0 : packet.ip_id};
        };
        return {key(visit.first().packet), key(visit.last().packet)};
    }

    std::vector<Group> groups_;
    std::map<Key, std::set<std::size_t>> by_key_;
};

std::size_t most_pieces(const Group& group) {
    std::map<std::pair<std::string, std::uint64_t>, std::size_t> pieces;
    std::size_t most = 1;
    for (const Visit& visit : group.visits)
        most = std::max(most, ++pieces[{visit.first().node, visit.first().netns}]);
    return most;
}

PacketPath to_path(Group group) {
    PacketPath path;
    path.pieces = most_pieces(group);
    if (group.doubtful)
        path.doubts.emplace_back("another packet with the same headers was on its way, too");
    for (Visit& visit : group.visits)
        std::move(visit.records.begin(), visit.records.end(), std::back_inserter(path.records));
    return path;
}

// Nodes have clocks of their own: across them the way there, or the time to live, gives the order.
void put_in_order(PacketPath& path, const std::vector<SentPacket>& sent,
                  const HopDistance& distance) {
    std::map<std::string, int> rank;
    for (const Record& record : path.records) {
        const int ttl = -static_cast<int>(record.packet.ttl);
        const auto place = rank.emplace(record.node, ttl).first;
        place->second = std::min(place->second, ttl);
    }
    if (path.sent)
        for (auto& [node, place] : rank)
            place = (path.reply ? -1 : 1) * distance(sent[*path.sent].node, node);
    std::stable_sort(path.records.begin(), path.records.end(),
                     [&](const Record& a, const Record& b) {
                         if (a.node == b.node)
                             return a.time_ns < b.time_ns;
                         return rank[a.node] < rank[b.node];
                     });
    place_hook_functions(path.records);
}

// What was sent first comes first, each packet before its answer; the rest in order of time.
bool comes_before(const PacketPath& a, const PacketPath& b) {
    if (a.sent.has_value() != b.sent.has_value())
        return a.sent.has_value();
    if (a.sent != b.sent)
        return *a.sent < *b.sent;
    if (a.records.front().node == b.records.front().node)
        return a.records.front().time_ns < b.records.front().time_ns;
    return a.reply < b.reply;
}

void sort_paths(std::vector<PacketPath>& paths) {
    std::vector<std::size_t> order(paths.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return comes_before(paths[a], paths[b]);
    });
    std::vector<std::size_t> place(paths.size());
    std::vector<PacketPath> sorted;
    sorted.reserve(paths.size());
    for (const std::size_t index : order) {
        place[index] = sorted.size();
        sorted.push_back(std::move(paths[index]));
    }
    for (PacketPath& path : sorted)
        if (path.cause)
            path.cause->path = place[path.cause->path];
    paths = std::move(sorted);
}

} // namespace

const Record* PacketPath::end() const {
    for (auto record = records.begin(); record != records.end(); ++record) {
        if (destroys_packet(*record))
            return &*record;
        if (!ends_packet(*record))
            continue;
        const bool went_on =
            pieces > 1 || std::any_of(record + 1, records.end(), [&](const Record& later) {
                return later.node == record->node;
            });
        if (!went_on)
            return &*record;
    }
    return nullptr;
}

std::vector<PacketPath> assemble(const std::vector<SentPacket>& sent, std::vector<Record> records,
                                 const HopDistance& distance) {
    std::map<std::string, std::vector<Record>> by_node;
    for (Record& record : records)
        by_node[record.node].push_back(std::move(record));
    Groups groups;
    for (auto& [node, node_records] : by_node)
        for (Visit& visit : split_into_visits(std::move(node_records)))
            groups.add(std::move(visit));

    std::vector<PacketPath> paths;
    for (Group& group : groups.take())
        paths.push_back(to_path(std::move(group)));
    match_with_sent(sent, paths);
    for (PacketPath& path : paths)
        put_in_order(path, sent, distance);
    find_causes(paths);
    sort_paths(paths);
    return paths;
}

} // namespace nflab::verdict
