// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/decider_reader.hpp"
#include "harness/scenario/observation_reader.hpp"
#include "harness/scenario/packet_filter.hpp"
#include "harness/scenario/read_capture.hpp"
#include "harness/scenario/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace nflab::scenario {

namespace {

/// Keys that say something about a rule's verdict.
constexpr const char* verdict_keys[] = {"packet", "hook", "verdict", "by", "snat", "dnat", "stack"};

class ExpectationReader {
  public:
    ExpectationReader(Reading& reading, const Step& step)
        : reading_(reading), problems_(reading.problems), step_(step) {}

    Expectation read(const Value& value, bool observed) {
        const Fields fields(value, expectation_object, problems_);
        Expectation expectation;
        expectation.where = fields.where();
        expectation.text = flow_text(value);
        expectation.at = fields.text("at");
        const Node* node = fields.get("at") == nullptr
                               ? nullptr
                               : require_node(reading_, {expectation.at, fields.where("at")});
        expectation.negated = fields.flag("not");
        expectation.count = fields.integer("count");
        expectation.kernels = read_kernels(reading_, fields);
        if (value.kind != Value::Kind::map)
            return expectation;
        if (const auto key = observation_key(fields); !key.empty() || observed) {
            if (!key.empty())
                read_observation(reading_, fields, key, expectation, node, step_);
            else if (!fields.has_unknown())
                problems_.add(fields.where(), "what is waited for is not about a node itself",
                              "add `command`, `counter`, `conntrack`, `hooks`, `contents`, "
                              "`kernel_log` or `unchanged_since`");
            return expectation;
        }
        refuse_observation_keys(reading_, fields);
        expectation.packet = fields.text("packet");
        if (fields.get("packet") != nullptr)
            expectation.filter =
                read_packet_filter(reading_, {expectation.packet, fields.where("packet")});
        if (fields.has("within") && !fields.has("reply"))
            problems_.add(fields.where("within"), "'within' means nothing without 'reply'",
                          "add `reply: N`");
        if (fields.has("filter") && !fields.has("capture"))
            problems_.add(fields.where("filter"), "'filter' means nothing without 'capture'",
                          "add `capture: NAME`, or write `packet`");
        if (fields.has("capture"))
            read_captured(fields, expectation);
        else if (fields.has("dropped_by"))
            read_dropped_by(fields, expectation, node);
        else if (fields.has("reply"))
            read_reply(fields, expectation, node);
        else if (fields.has("path"))
            read_path(fields, expectation, node);
        else
            read_verdict(fields, expectation, node);
        return expectation;
    }

  private:
    /// Reports those of the keys that are there, which mean nothing beside `key`.
    void refuse(const Fields& fields, std::initializer_list<const char*> others, const char* key) {
        for (const auto* other : others) {
            if (fields.has(other))
                problems_.add(fields.where(other),
                              fmt::format("'{}' means nothing beside '{}'", other, key),
                              "write two expectations");
        }
    }

    void read_captured(const Fields& fields, Expectation& expectation) {
        refuse(fields,
               {"at", "packet", "hook", "verdict", "by", "snat", "dnat", "path", "reply", "within",
                "dropped_by"},
               "capture");
        expectation.capture = read_capture_match(reading_, fields, step_);
        check_count(fields, expectation);
    }

    void read_dropped_by(const Fields& fields, Expectation& expectation, const Node* node) {
        expectation.dropped_by_none = true;
        refuse(fields,
               {"hook", "verdict", "by", "snat", "dnat", "stack", "path", "count", "not", "reply"},
               "dropped_by");
        if (node != nullptr)
            require_trace(*node, fields.where("at"));
        const auto& nodes = reading_.scenario.nodes;
        const bool traced = std::any_of(nodes.begin(), nodes.end(), [](const Node& candidate) {
            return candidate.trace != Trace::none;
        });
        if (!fields.has("at") && !traced)
            problems_.add(fields.where(), "no node is traced, so that nobody could see a drop",
                          "give a vm node `trace: verdicts`");
        require_traffic(fields);
    }

    void read_reply(const Fields& fields, Expectation& expectation, const Node* node) {
        refuse(fields, {"hook", "verdict", "by", "snat", "dnat", "stack", "path", "count", "not"},
               "reply");
        expectation.within = fields.duration("within");
        if (require_at(fields) && node != nullptr)
            require_sender(fields, *node);
        if (fields.get("reply") == nullptr)
            return;
        expectation.reply = fields.integer("reply").value_or(0);
        long sent = 0;
        for (const auto& send : step_.send)
            sent += send.from == expectation.at ? send.count : 0;
        if (node != nullptr && sent > 0 && *expectation.reply > sent)
            problems_.add(
                fields.where("reply"),
                fmt::format("{} replies are expected at '{}', which sends {} in this step",
                            *expectation.reply, node->name, sent),
                fmt::format("at most {} replies can come", sent));
    }

    void require_sender(const Fields& fields, const Node& node) {
        const bool sends = std::any_of(step_.send.begin(), step_.send.end(),
                                       [&](const Send& send) { return send.from == node.name; });
        if (!sends)
            problems_.add(fields.where("at"),
                          fmt::format("no reply can come to '{}', which sends nothing in this step",
                                      node.name),
                          fmt::format("add to `send`, with `from: {}`", node.name));
    }

    void read_verdict(const Fields& fields, Expectation& expectation, const Node* node) {
        if (require_at(fields) && node != nullptr)
            require_trace(*node, fields.where("at"));
        if (!fields.has_unknown() && std::none_of(std::begin(verdict_keys), std::end(verdict_keys),
                                                  [&](const char* key) { return fields.has(key); }))
            problems_.add(
                fields.where(), "an expectation that expects nothing",
                "add `verdict`, `hook`, `by`, `packet`, `path`, `reply` or `dropped_by`, or "
                "what is looked at: `command`, `counter`, `conntrack`, …");
        read_station(fields, expectation, node);
        expectation.snat = read_address(fields, "snat");
        expectation.dnat = read_address(fields, "dnat");
        read_call_stack(fields, expectation, node);
        check_count(fields, expectation);
        require_traffic(fields);
    }

    void read_call_stack(const Fields& fields, Expectation& expectation, const Node* node) {
        for (const auto& function : fields.texts("stack"))
            expectation.stack.push_back(function.text);
        if (fields.has("stack") && node != nullptr && !node->trace_stack)
            problems_.add(fields.where("stack"),
                          fmt::format("no call stacks are recorded at '{}'", node->name),
                          "give it `trace: { method: kretprobe, stack: … }`");
    }

    void read_path(const Fields& fields, Expectation& expectation, const Node* node) {
        refuse(fields, {"hook", "verdict", "by", "snat", "dnat", "stack"}, "path");
        for (const auto& item : fields.items("path"))
            expectation.path.push_back(read_path_station(item, fields, node));
        check_count(fields, expectation);
        require_traffic(fields);
    }

    Station read_path_station(const Value& value, const Fields& outer, const Node* node) {
        const Fields fields(value, station_object, problems_);
        Station station;
        station.at = outer.text("at");
        if (fields.get("at") != nullptr) {
            station.at = fields.text("at");
            node = require_node(reading_, {station.at, fields.where("at")});
        } else if (value.kind == Value::Kind::map && !outer.has("at")) {
            problems_.add(fields.where(), "a station does not say where",
                          "add `at: NODE` to it or to the expectation");
        }
        if (node != nullptr)
            require_trace(*node, fields.has("at") ? fields.where("at") : outer.where("at"));
        if (value.kind == Value::Kind::map && !fields.has_unknown() && !fields.has("hook") &&
            !fields.has("verdict") && !fields.has("by"))
            problems_.add(fields.where(), "a station that says nothing",
                          "add `hook`, `verdict` or `by`");
        read_station(fields, station, node);
        return station;
    }

    void read_station(const Fields& fields, Station& station, const Node* node) {
        if (fields.get("hook") != nullptr)
            station.hook = fields.text("hook");
        if (fields.get("verdict") != nullptr)
            station.verdict = fields.text("verdict");
        if (const Value* by = fields.get("by"))
            station.by = read_decider(reading_, *by);
        check_possible(fields, station, node);
    }

    bool require_at(const Fields& fields) {
        if (!fields.has("at"))
            problems_.add(fields.where(), "an expectation does not say where", "add `at: NODE`");
        return fields.get("at") != nullptr;
    }

    void require_trace(const Node& node, Position where) {
        if (node.trace != Trace::none)
            return;
        const bool vm = node.kind == NodeKind::vm;
        problems_.add(
            where, fmt::format("'{}' is not traced, so that no verdict is seen there", node.name),
            vm ? "give the node `trace: verdicts`"
               : "a netns node never is: expect it at a vm node with `trace: verdicts`");
    }

    void require_traffic(const Fields& fields) {
        if (step_.send.empty() && step_.run.empty() && step_.during.empty())
            problems_.add(fields.where(),
                          "nothing is sent in this step, so that nothing can be seen",
                          "add `send`, or a command that sends under `run`");
    }

    std::optional<std::string> read_address(const Fields& fields, const char* key) {
        if (fields.get(key) == nullptr)
            return std::nullopt;
        const std::string text = fields.text(key);
        const auto address = Address::parse(text);
        if (!address)
            problems_.add(fields.where(key), fmt::format("{} '{}' is not an address", key, text),
                          "write an address without a prefix length");
        return address ? address->text() : text;
    }

    void check_count(const Fields& fields, const Expectation& expectation) {
        if (expectation.negated && expectation.count)
            problems_.add(fields.where("count"), "'not' and 'count' contradict each other",
                          "`not: true` already means that there is no such packet");
    }

    void check_possible(const Fields& fields, const Station& station, const Node* node) {
        check_rule_verdict(fields, station, node);
        if (!station.by)
            return;
        const std::string hook = built_in_hook(*station.by);
        if (station.hook && !hook.empty() && *station.hook != hook)
            problems_.add(
                fields.where("hook"),
                fmt::format("chain {} is never run in hook {}", station.by->chain, *station.hook),
                fmt::format("its hook is {}", hook));
        const bool policy = station.by->match.kind == RuleMatch::Kind::policy;
        if (policy && station.verdict && *station.verdict != "accept" && *station.verdict != "drop")
            problems_.add(fields.where("verdict"),
                          fmt::format("no policy says {}", *station.verdict),
                          "a policy is accept or drop");
    }

    void check_rule_verdict(const Fields& fields, const Station& station, const Node* node) {
        if (!station.verdict || node == nullptr || node->trace != Trace::verdicts)
            return;
        for (const auto* word : {"continue", "jump", "goto", "return"}) {
            if (*station.verdict == word)
                problems_.add(
                    fields.where("verdict"),
                    fmt::format("'{}' records only verdicts, and {} is not one", node->name, word),
                    fmt::format("give '{}' `trace: all`", node->name));
        }
    }

    Reading& reading_;
    Problems& problems_;
    const Step& step_;
};

} // namespace

Expectation read_expectation(Reading& reading, const Value& value, const Step& step,
                             bool observed) {
    return ExpectationReader(reading, step).read(value, observed);
}

void read_expectations(Reading& reading, const Fields& fields, Step& step) {
    ExpectationReader reader(reading, step);
    for (const auto& item : fields.items("expect"))
        step.expect.push_back(reader.read(item, false));
}

} // namespace nflab::scenario
