// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/observe/finding.hpp"
#include "harness/observe/words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace nflab::observe {
namespace {

using scenario::HookOrder;
using scenario::HookStation;

struct Function {
    int priority = 0;
    std::string what;
    std::string name;
};

// What a NAT hook asks stands behind it, as it is called.
void add(const nlohmann::json& functions, std::vector<Function>& out) {
    for (const auto& each : functions) {
        out.push_back(
            {each.value("priority", 0), each.value("what", ""), each.value("function", "")});
        if (each.contains("asks"))
            add(each["asks"], out);
    }
}

std::optional<std::vector<Function>> functions_of(const HookOrder& wanted,
                                                  const std::string& text) {
    const auto document = nlohmann::json::parse(text, nullptr, false);
    if (!document.is_object() || !document.contains("namespaces") || document["namespaces"].empty())
        return std::nullopt;
    std::vector<Function> functions;
    for (const auto& list : document["namespaces"][0]["hooks"])
        if (list.value("family", "") == wanted.family && list.value("hook", "") == wanted.hook &&
            list.value("device", "") == wanted.device)
            add(list["functions"], functions);
    return functions;
}

bool starts_with_words(const std::string& text, const std::string& words) {
    return text.rfind(words, 0) == 0 && (text.size() == words.size() || text[words.size()] == ' ');
}

bool is_meant(const HookStation& wanted, const Function& function) {
    return (!wanted.priority || *wanted.priority == function.priority) &&
           (wanted.what.empty() || wanted.what == function.name ||
            starts_with_words(function.what, wanted.what));
}

std::string in_words(const HookStation& station) {
    if (!station.priority)
        return station.what;
    return fmt::format("{}{}{}", *station.priority, station.what.empty() ? "" : " ", station.what);
}

std::string in_words(const HookOrder& wanted, std::optional<int> count) {
    std::string text = fmt::format("{} {}{}{}", wanted.family, wanted.hook,
                                   wanted.device.empty() ? "" : " ", wanted.device);
    const char* between = " calls ";
    for (const HookStation& station : wanted.order) {
        text += between + in_words(station);
        between = ", then ";
    }
    for (const HookStation& station : wanted.lacks)
        text += fmt::format("{}not {}", text.ends_with(' ') ? "" : ", ", in_words(station));
    if (count)
        text += fmt::format(", {} in all", how_many(static_cast<std::size_t>(*count), "function"));
    return text;
}

} // namespace

Look look_at(const HookOrder& /*wanted*/) {
    return {{"nfverdict", "hooks", "--json"}};
}

Finding examine(const HookOrder& wanted, const Answer& now, std::optional<int> count) {
    Finding finding;
    finding.expected = "hook " + in_words(wanted, count);
    const std::string why = failure(now);
    const auto functions = why.empty() ? functions_of(wanted, now.out) : std::nullopt;
    if (!functions) {
        finding.seen = "the hooks cannot be read: " + (why.empty() ? "no answer" : why);
        return finding;
    }
    std::size_t passed = 0;
    bool unwanted = false;
    std::vector<std::string> all;
    for (const Function& function : *functions) {
        if (passed < wanted.order.size() && is_meant(wanted.order[passed], function))
            ++passed;
        unwanted |=
            std::any_of(wanted.lacks.begin(), wanted.lacks.end(),
                        [&](const HookStation& station) { return is_meant(station, function); });
        all.push_back(fmt::format("{} {}", function.priority, function.what));
    }
    const bool good = passed == wanted.order.size() && !unwanted &&
                      (!count || functions->size() == static_cast<std::size_t>(*count));
    finding.holds = good ? Finding::Holds::yes : Finding::Holds::no;
    finding.seen = some_of(all, "nothing hangs there", 20);
    if (passed > 0 && passed < wanted.order.size())
        finding.seen += fmt::format("; no {} after {}", in_words(wanted.order[passed]),
                                    in_words(wanted.order[passed - 1]));
    return finding;
}

} // namespace nflab::observe
