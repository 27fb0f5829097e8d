// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/scenario/reading.hpp"

#include <optional>
#include <vector>

namespace nflab::scenario {

/// Reads where packets of one node, or of a namespace inside of one, go: `gateway`, `routes`,
/// `rules` and `neighbours`.
class RouteReader {
  public:
    /// Both must outlive this; the node's interfaces and links have been read.
    RouteReader(Reading& reading, Node& node)
        : reading_(reading), problems_(reading.problems), node_(node) {}

    void read(const Fields& fields);

  private:
    void read_gateways(const Fields& fields);
    void read_routes(const Fields& fields);
    void read_route(const Text& destination, const Text& value);
    void read_rules(const Fields& fields);
    void read_neighbours(const Fields& fields);
    void check_words(const Text& value);
    std::optional<Address> read_next_hop(const Text& text, const char* what);
    bool on_link(const Address& address) const;

    Reading& reading_;
    Problems& problems_;
    Node& node_;
};

} // namespace nflab::scenario
