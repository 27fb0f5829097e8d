// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/gather.hpp"

#include "harness/lab/console_file.hpp"
#include "harness/lab/console_text.hpp"
#include "harness/lab/registry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <utility>

namespace nflab::step {
namespace {

constexpr std::size_t console_limit = std::size_t{256} * 1024;
constexpr std::uint32_t listing_timeout_ms = 10'000;

// The rules of iptables-nft are nftables' own.
std::string lister_of(const std::string& engine) {
    if (engine == "nft" || engine.ends_with("-nft"))
        return "nft";
    return engine == "iptables" || engine == "ip6tables" ? engine : "";
}

// Without counters, as the rule texts of the records are.
std::vector<std::string> lister(const std::string& engine) {
    if (engine == "nft")
        return {"nft", "--stateless", "--handle", "list", "ruleset"};
    return {engine + "-legacy-save"};
}

// iptables-save says when it ran, and how much each policy has decided, whatever it is asked.
std::string without_counters(const std::string& saved) {
    static const std::regex noise(R"((^|\n)(# (Generated|Completed)[^\n]*(?=\n|$)))");
    static const std::regex counters(R"(\[\d+:\d+\](?=\n))");
    const std::string text = std::regex_replace(saved, noise, "");
    return std::regex_replace(text.substr(std::min(text.find_first_not_of('\n'), text.size())),
                              counters, "[0:0]");
}

} // namespace

AppliedRuleset as_applied(const scenario::Ruleset& ruleset, const scenario::Scenario& scenario) {
    return {ruleset.node, ruleset.engine, ruleset.text,
            ruleset.file.empty() ? scenario.file_of(ruleset.where) : ruleset.file,
            ruleset.where.line};
}

std::vector<RulesetListing> list_rulesets(lab::Session& session, const StepOutcome& step) {
    std::set<std::pair<std::string, std::string>> wanted;
    for (const verdict::PacketPath& path : step.paths)
        for (const verdict::Record& record : path.records)
            if (const std::string engine = lister_of(record.engine); !engine.empty())
                wanted.emplace(record.node, engine);
    std::vector<RulesetListing> listings;
    for (const auto& [node, engine] : wanted) {
        channel::RunRequest request;
        request.argv = lister(engine);
        request.timeout_ms = listing_timeout_ms;
        lab::RunResult result = session.run(node, request);
        if (result.status.error.empty() && result.status.code == 0 && result.status.signal == 0)
            listings.push_back(
                {node, engine,
                 engine == "nft" ? std::move(result.out) : without_counters(result.out)});
    }
    return listings;
}

std::vector<ConsoleText> read_consoles(pid_t supervisor, const std::vector<plan::Node>& nodes) {
    const auto directory = lab::inside(supervisor, lab::console_directory);
    std::vector<ConsoleText> consoles;
    for (const plan::Node& node : nodes) {
        const auto file = directory / (node.name + ".log");
        const std::string text = lab::console_tail(file, console_limit);
        const std::uintmax_t size = lab::console_size(file);
        if (!text.empty())
            consoles.push_back({node.name,
                                fmt::format("{}\n", fmt::join(lab::console_lines(text), "\n")),
                                size > text.size() ? size - text.size() : 0});
    }
    return consoles;
}

} // namespace nflab::step
