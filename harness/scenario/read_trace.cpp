// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/read_trace.hpp"

#include "harness/scenario/address.hpp"
#include "harness/scenario/fields.hpp"

#include <fmt/format.h>

namespace nflab::scenario {

namespace {

StackFilter read_stack(const Value& value, Problems& problems) {
    const Fields fields(value, stack_object, problems);
    StackFilter stack;
    if (fields.get("verdict"))
        stack.verdict = fields.text("verdict");
    if (fields.get("address")) {
        const auto address = Address::parse(fields.text("address"));
        if (address)
            stack.address = address->text();
        else
            problems.add(fields.where("address"),
                         fmt::format("'{}' is not an address", fields.text("address")),
                         "write an address without a prefix length");
    }
    stack.port = fields.integer("port");
    stack.protocol = fields.text("protocol");
    stack.rate = fields.integer("rate");
    return stack;
}

} // namespace

void read_trace(const Value* value, Node& node, Problems& problems) {
    if (value == nullptr)
        return;
    if (value->kind != Value::Kind::map) {
        const std::string& word = value->text;
        node.trace = word == "all" ? Trace::all : word == "none" ? Trace::none : Trace::verdicts;
        if (word == "kprobe-events" || word == "fexit" || word == "kretprobe")
            node.trace_method = word;
        return;
    }
    const Fields fields(*value, trace_object, problems);
    node.trace = fields.text("records") == "all" ? Trace::all : Trace::verdicts;
    node.trace_method = fields.text("method");
    if (const Value* stack = fields.get("stack")) {
        node.trace_stack = read_stack(*stack, problems);
        if (node.trace_method != "kretprobe")
            problems.add(fields.where("stack"), "only the kretprobe module sees call stacks",
                         "add `method: kretprobe`, or leave `stack` out");
    }
}

} // namespace nflab::scenario
