// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/words.hpp"
#include "harness/scenario/decider_reader.hpp"
#include "harness/scenario/observation_reader.hpp"
#include "harness/scenario/suggest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <initializer_list>
#include <regex>

namespace nflab::scenario {

namespace {

constexpr std::string_view kinds[] = {"command",  "counter",    "conntrack",      "hooks",
                                      "contents", "kernel_log", "unchanged_since"};

/// A key, and the kinds that it says more about.
struct Companion {
    std::string_view key;
    std::vector<std::string_view> of;
};

const std::vector<Companion>& companions() {
    static const std::vector<Companion> all = {
        {"exit", {"command"}},
        {"timeout", {"command"}},
        {"packets", {"counter"}},
        {"bytes", {"counter"}},
        {"since", {"counter"}},
        {"order", {"hooks"}},
        {"parts", {"unchanged_since"}},
        {"has", {"command", "contents", "kernel_log"}},
        {"lacks", {"command", "contents", "hooks", "kernel_log"}},
        {"equals", {"command", "contents"}},
        {"matches", {"command"}},
        {"allow", {"kernel_log"}},
        {"until", {std::begin(kinds), std::end(kinds)}},
    };
    return all;
}

bool contains(const std::vector<std::string_view>& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

std::vector<std::string> words_of(const std::vector<Text>& texts) {
    std::vector<std::string> words;
    words.reserve(texts.size());
    for (const auto& text : texts)
        words.push_back(text.text);
    return words;
}

const std::vector<std::string> nft_families = {"ip", "ip6", "inet", "arp", "bridge", "netdev"};

class ObservationReader {
  public:
    ObservationReader(Reading& reading, const Fields& fields, Expectation& expectation,
                      const Node* node, const Step& step)
        : reading_(reading), fields_(fields), expectation_(expectation), node_(node), step_(step) {}

    void read(std::string_view kind) {
        kind_ = kind;
        refuse_others();
        require_vm();
        expectation_.until = fields_.duration("until");
        if (expectation_.negated && expectation_.count)
            complain("count", "'not' and 'count' contradict each other",
                     "`not: true` says that it is otherwise, `count: 0` that there is none");
        if (fields_.get(kind) == nullptr)
            return;
        if (kind == "command")
            expectation_.observation = read_command();
        else if (kind == "counter")
            expectation_.observation = read_counter();
        else if (kind == "conntrack")
            expectation_.observation = read_conntrack();
        else if (kind == "hooks")
            expectation_.observation = read_hooks();
        else if (kind == "contents")
            expectation_.observation = read_contents();
        else if (kind == "kernel_log")
            expectation_.observation = read_kernel_log();
        else
            expectation_.observation = read_unchanged();
    }

  private:
    void complain(std::string_view key, const std::string& message, const std::string& hint) {
        reading_.problems.add(fields_.where(key), message, hint);
    }

    void refuse_others() {
        for (const auto& key : expectation_object.keys) {
            if (!fields_.has(key.name) || key.name == kind_ || key.name == "at" ||
                key.name == "not" || key.name == "kernels" || (key.name == "count" && counts()))
                continue;
            const auto companion =
                std::find_if(companions().begin(), companions().end(),
                             [&](const Companion& known) { return known.key == key.name; });
            if (companion == companions().end() || !contains(companion->of, kind_))
                complain(key.name, fmt::format("'{}' means nothing beside '{}'", key.name, kind_),
                         "write two expectations");
        }
    }

    bool counts() const { return kind_ != "counter" && kind_ != "unchanged_since"; }

    void require_vm() {
        if (!fields_.has("at")) {
            if (kind_ != "kernel_log")
                complain(kind_, "an expectation does not say where", "add `at: NODE`");
            return;
        }
        if (node_ != nullptr && node_->kind == NodeKind::netns && kind_ != "command")
            complain("at",
                     fmt::format("'{}' is a netns node, whose kernel is this machine's and not the "
                                 "one under test",
                                 node_->name),
                     "expect it at a vm node; `command` looks at a netns node, too");
    }

    std::vector<std::string> texts(std::string_view key) { return words_of(fields_.texts(key)); }

    bool says_nothing(std::initializer_list<std::string_view> keys) {
        return std::none_of(keys.begin(), keys.end(),
                            [&](std::string_view key) { return fields_.has(key); });
    }

    void refuse_beside_equals() {
        for (const auto* other : {"has", "count"})
            if (fields_.has("equals") && fields_.has(other))
                complain(other, fmt::format("'{}' says nothing beside 'equals'", other),
                         "leave one of them out");
    }

    CommandOutput read_command() {
        CommandOutput command;
        command.command = fields_.text("command");
        command.timeout = fields_.duration("timeout").value_or(command.timeout);
        command.exit_code = fields_.integer("exit").value_or(0);
        command.has = texts("has");
        command.lacks = texts("lacks");
        command.matches = fields_.text("matches");
        if (fields_.get("equals") != nullptr)
            command.equals = fmt::format("{}", fmt::join(texts("equals"), "\n"));
        refuse_beside_equals();
        try {
            const std::regex expression(command.matches);
        } catch (const std::regex_error& error) {
            complain(
                "matches",
                fmt::format("'{}' is not a regular expression: {}", command.matches, error.what()),
                "write one as in ECMAScript; a backslash makes a special character an "
                "ordinary one");
        }
        return command;
    }

    CounterValue read_counter() {
        CounterValue counter;
        counter.packets = fields_.range("packets");
        counter.bytes = fields_.range("bytes");
        if (says_nothing({"packets", "bytes"}))
            complain("counter", "nothing is expected of the counter", "add `packets` or `bytes`");
        const Value& value = *fields_.get("counter");
        if (value.kind == Value::Kind::scalar) {
            const auto name = nft_name({value.text, value.where}, 3, 3, "FAMILY TABLE COUNTER");
            counter.named = fmt::format("{}", fmt::join(name, " "));
        } else {
            counter.rule = read_decider(reading_, value);
            if (counter.rule)
                check_counting(*counter.rule);
        }
        counter.since = snapshot_named("since");
        return counter;
    }

    void check_counting(const Decider& rule) {
        if (rule.engine == "none")
            complain("counter", "a part of the stack has no counter here",
                     "name a rule; `command: nstat` shows the stack's own counters");
        else if (rule.match.kind == RuleMatch::Kind::any)
            complain("counter", "the counter of a whole chain",
                     "chains do not count: name the `rule`, or `rule: policy`");
        else if (rule.match.kind == RuleMatch::Kind::policy &&
                 (rule.engine == "nft" || rule.engine == "ebtables" || rule.engine == "arptables"))
            complain("counter", fmt::format("the policies of {} count nothing", rule.engine),
                     "end the chain with a rule that only counts, and name that");
    }

    std::vector<std::string> hosts(const Fields& entry, std::string_view key) {
        std::vector<std::string> addresses;
        for (const auto& text : entry.texts(key))
            for (const auto& address : read_host(reading_, text))
                addresses.push_back(address);
        return addresses;
    }

    ConntrackEntry read_conntrack() {
        static const std::vector<std::string> known = {"assured", "unreplied", "replied", "offload",
                                                       "hw_offload"};
        const Fields fields(*fields_.get("conntrack"), conntrack_entry_object, reading_.problems);
        ConntrackEntry entry;
        entry.protocol = fields.text("protocol");
        entry.from = hosts(fields, "from");
        entry.to = hosts(fields, "to");
        entry.source_port = fields.integer("sport");
        entry.destination_port = fields.integer("dport");
        entry.reply_from = hosts(fields, "reply_from");
        entry.reply_to = hosts(fields, "reply_to");
        entry.reply_source_port = fields.integer("reply_sport");
        entry.reply_destination_port = fields.integer("reply_dport");
        entry.state = fields.text("state");
        entry.mark = fields.range("mark");
        entry.zone = fields.range("zone");
        entry.timeout = fields.range("timeout");
        for (const auto& status : fields.texts("status")) {
            entry.status.push_back(status.text);
            if (std::find(known.begin(), known.end(), status.text) == known.end())
                reading_.problems.add(status.where, fmt::format("unknown status '{}'", status.text),
                                      suggest(status.text, known));
        }
        const auto claims = [&](const char* word) {
            return std::find(entry.status.begin(), entry.status.end(), word) != entry.status.end();
        };
        if (claims("unreplied") && claims("replied"))
            reading_.problems.add(fields.where("status"),
                                  "'unreplied' and 'replied' contradict each other",
                                  "leave one of them out");
        return entry;
    }

    HookOrder read_hooks() {
        HookOrder hooks;
        const auto words = split_words(fields_.text("hooks"));
        static const std::vector<std::string> families = {"ip", "ip6", "arp", "bridge", "netdev"};
        static const std::vector<std::string> inet = {"prerouting", "input", "forward", "output",
                                                      "postrouting"};
        static const std::vector<std::string> arp = {"input", "output", "forward"};
        static const std::vector<std::string> netdev = {"ingress", "egress"};
        const std::string family = words.empty() ? "" : words[0];
        if (family == "inet") {
            complain("hooks", "inet has no hooks of its own",
                     "its chains hang in the hooks of `ip` and of `ip6`: name one of them");
            return hooks;
        }
        if (std::find(families.begin(), families.end(), family) == families.end()) {
            complain("hooks", fmt::format("unknown hook family '{}'", family),
                     suggest(family, families));
            return hooks;
        }
        const std::size_t wanted = family == "netdev" ? 3 : 2;
        if (words.size() != wanted) {
            complain("hooks", fmt::format("'{}' does not name a hook", fields_.text("hooks")),
                     wanted == 3 ? "write `netdev HOOK DEVICE`, such as `netdev ingress eth0`"
                                 : fmt::format("write FAMILY HOOK, such as `{} input`", family));
            return hooks;
        }
        const auto& names = family == "netdev" ? netdev : family == "arp" ? arp : inet;
        if (std::find(names.begin(), names.end(), words[1]) == names.end())
            complain("hooks", fmt::format("family {} has no hook '{}'", family, words[1]),
                     suggest(words[1], names));
        hooks.family = family;
        hooks.hook = words[1];
        if (wanted == 3)
            hooks.device = words[2];
        hooks.order = stations("order");
        hooks.lacks = stations("lacks");
        if (says_nothing({"order", "lacks", "count"}))
            complain("hooks", "nothing is expected of the hook", "add `order`, `lacks` or `count`");
        return hooks;
    }

    std::vector<HookStation> stations(std::string_view key) {
        std::vector<HookStation> result;
        for (const auto& text : fields_.texts(key)) {
            auto words = split_words(text.text);
            HookStation station;
            std::string_view first = words[0];
            if (!first.empty() && first.front() == '+')
                first.remove_prefix(1);
            if (const auto priority = parse_integer(first)) {
                station.priority = static_cast<int>(*priority);
                words.erase(words.begin());
            }
            station.what = fmt::format("{}", fmt::join(words, " "));
            result.push_back(std::move(station));
        }
        return result;
    }

    /// The words of a name in nftables; reports and gives none when there are too few or many.
    std::vector<std::string> nft_name(const Text& text, std::size_t least, std::size_t most,
                                      const char* form) {
        auto words = split_words(text.text);
        if (words.size() < least || words.size() > most) {
            reading_.problems.add(text.where, fmt::format("'{}' names nothing in nft", text.text),
                                  fmt::format("write {}", form));
            return {};
        }
        if (std::find(nft_families.begin(), nft_families.end(), words[0]) == nft_families.end()) {
            reading_.problems.add(text.where, fmt::format("unknown nft family '{}'", words[0]),
                                  suggest(words[0], nft_families));
            return {};
        }
        return words;
    }

    Contents read_contents() {
        const Fields fields(*fields_.get("contents"), contents_object, reading_.problems);
        Contents contents;
        int given = 0;
        for (const auto& key : contents_object.keys) {
            if (!fields.has(key.name))
                continue;
            ++given;
            contents.engine = key.name;
        }
        if (given != 1) {
            if (given > 1 || !fields.has_unknown())
                reading_.problems.add(fields.where(),
                                      given == 0 ? "'contents' names no table"
                                                 : "'contents' names two tables",
                                      "write exactly one of its keys");
            return contents;
        }
        if (fields.get(contents.engine) != nullptr)
            name_contents({fields.text(contents.engine), fields.where(contents.engine)}, contents);
        contents.has = texts("has");
        contents.lacks = texts("lacks");
        if (fields_.get("equals") != nullptr)
            contents.equals = texts("equals");
        refuse_beside_equals();
        if (says_nothing({"has", "lacks", "equals", "count"}))
            complain("contents", "nothing is expected of the contents",
                     "add `has`, `lacks`, `equals` or `count`");
        return contents;
    }

    void name_contents(const Text& text, Contents& contents) {
        if (contents.engine == "nft" || contents.engine == "set") {
            const auto words = contents.engine == "set"
                                   ? nft_name(text, 3, 3, "FAMILY TABLE SET")
                                   : nft_name(text, 2, 3, "FAMILY TABLE or FAMILY TABLE CHAIN");
            if (words.empty())
                return;
            contents.family = words[0];
            contents.table = words[1];
            contents.object = words.size() > 2 ? words[2] : "";
        } else if (contents.engine == "ipset") {
            contents.object = text.text;
        } else {
            const auto slash = text.text.find('/');
            contents.table = text.text.substr(0, slash);
            contents.object = slash == std::string::npos ? "" : text.text.substr(slash + 1);
            check_table(reading_, contents.engine, contents.table, contents.object, text.where);
        }
    }

    KernelLog read_kernel_log() {
        KernelLog log;
        log.level = log_level(fields_.text("kernel_log"));
        log.has = texts("has");
        log.lacks = texts("lacks");
        log.allow = texts("allow");
        for (const auto* other : {"has", "lacks", "count"})
            if (fields_.has("allow") && fields_.has(other))
                complain("allow", fmt::format("'allow' says nothing beside '{}'", other),
                         "only where there must be no message can some be allowed");
        return log;
    }

    Unchanged read_unchanged() {
        const std::vector<std::string> known(std::begin(snapshot_parts), std::end(snapshot_parts));
        Unchanged unchanged;
        unchanged.since = snapshot_named("unchanged_since");
        for (const auto& part : fields_.texts("parts")) {
            unchanged.parts.push_back(part.text);
            if (std::find(known.begin(), known.end(), part.text) == known.end())
                reading_.problems.add(part.where,
                                      fmt::format("a snapshot has no part '{}'", part.text),
                                      suggest(part.text, known));
        }
        return unchanged;
    }

    std::string snapshot_named(std::string_view key) {
        if (fields_.get(key) == nullptr)
            return {};
        std::string name = fields_.text(key);
        require_snapshot(reading_, {name, fields_.where(key)}, step_);
        return name;
    }

    Reading& reading_;
    const Fields& fields_;
    Expectation& expectation_;
    const Node* node_;
    const Step& step_;
    std::string_view kind_;
};

} // namespace

void require_snapshot(Reading& reading, const Text& name, const Step& step) {
    std::vector<std::string> taken;
    for (const auto& earlier : reading.scenario.steps)
        if (!earlier.snapshot.empty())
            taken.push_back(earlier.snapshot);
    if (!step.snapshot.empty())
        taken.push_back(step.snapshot);
    if (std::find(taken.begin(), taken.end(), name.text) == taken.end())
        reading.problems.add(name.where,
                             fmt::format("no snapshot '{}' has been taken by then", name.text),
                             taken.empty() ? fmt::format("take it: `snapshot: {}`", name.text)
                                           : suggest(name.text, taken));
}

std::string_view observation_key(const Fields& fields) {
    const auto* const found = std::find_if(std::begin(kinds), std::end(kinds),
                                           [&](std::string_view key) { return fields.has(key); });
    return found == std::end(kinds) ? std::string_view() : *found;
}

void read_observation(Reading& reading, const Fields& fields, std::string_view key,
                      Expectation& expectation, const Node* node, const Step& step) {
    ObservationReader(reading, fields, expectation, node, step).read(key);
}

void refuse_observation_keys(Reading& reading, const Fields& fields) {
    for (const auto& companion : companions()) {
        if (!fields.has(companion.key))
            continue;
        const bool any = companion.of.size() == std::size(kinds);
        reading.problems.add(
            fields.where(companion.key),
            any ? fmt::format("'{}' means nothing about packets", companion.key)
                : fmt::format("'{}' means nothing without '{}'", companion.key,
                              fmt::join(companion.of, "' or '")),
            any ? "write it at the step: it is then done again until all of it holds"
                : "write it beside that, or leave it out");
    }
}

} // namespace nflab::scenario
