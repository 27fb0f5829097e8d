// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/keys.hpp"

namespace nflab::scenario {

namespace {

constexpr Key capture_keys[] = {
    {.name = "at", .shape = Shape::text, .required = true, .about = "The node that captures."},
    {.name = "interface",
     .shape = Shape::text,
     .about = "Its interface; without it, its only one, or all of them (any)."},
    {.name = "filter",
     .shape = Shape::text,
     .about = "Which packets, as pcap-filter(7) says it; a node's name stands for its address."},
    {.name = "name",
     .shape = Shape::text,
     .about = "By what an expectation and a report call it; without it, the node's name."},
};

} // namespace

const Object capture_object = {
    "capture", "a capture", "Packets that tcpdump sees at a node during the step.", capture_keys};

} // namespace nflab::scenario
