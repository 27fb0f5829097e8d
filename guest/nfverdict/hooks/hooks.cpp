// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/hooks/hooks.hpp"

#include "guest/nfverdict/hooks/hook.hpp"
#include "guest/nfverdict/hooks/hook_entries.hpp"
#include "guest/nfverdict/hooks/hook_owner.hpp"
#include "guest/nfverdict/kernel/netns.hpp"
#include "guest/nfverdict/kernel/preconditions.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace nflab::nfverdict {
namespace {

using nlohmann::json;

std::vector<Netns> wanted_namespaces(const std::string& netns) {
    if (netns == "all")
        return Netns::all();
    std::vector<Netns> out;
    out.push_back(netns.empty() ? Netns::current() : Netns::named(netns));
    return out;
}

class Listing {
  public:
    Listing()
        : symbols_(Kallsyms::read()), hooks_(types_, memory_), owners_(types_, memory_, symbols_) {
        if (symbols_.size() == 0)
            throw Error(Failure::lab, "/proc/kallsyms does not tell where the functions are",
                        "it needs root, and kernel.kptr_restrict below 2");
    }

    json of(const Netns& netns) const {
        const InNetns inside(netns);
        json lists = json::array();
        for (const HookList& list : hooks_.read()) {
            json entry{{"family", family_name(list.family)},
                       {"hook", hook_name(list.family, list.hook)},
                       {"functions", functions(list.entries)}};
            if (!list.device.empty())
                entry["device"] = list.device;
            lists.push_back(std::move(entry));
        }
        return {{"netns", netns.inode()}, {"hooks", std::move(lists)}};
    }

  private:
    json functions(const std::vector<HookEntry>& entries) const {
        json out = json::array();
        for (const HookEntry& entry : entries) {
            const HookOwner owner = owners_.owner(entry);
            json function{{"priority", entry.priority},
                          {"function", owner.function.name},
                          {"what", owner.what}};
            if (!owner.function.module.empty())
                function["module"] = owner.function.module;
            if (owner.kind.kind == HookFunction::Kind::nat_lookup)
                if (json asked = functions(hooks_.nat_lookups(entry)); !asked.empty())
                    function["asks"] = std::move(asked);
            out.push_back(std::move(function));
        }
        return out;
    }

    KernelTypes types_;
    KernelMemory memory_;
    Kallsyms symbols_;
    HookReader hooks_;
    HookOwners owners_;
};

void print_functions(const json& functions, int indent) {
    for (const json& each : functions) {
        const std::string function = each["function"];
        const std::string module =
            each.contains("module") ? fmt::format("[{}]", each["module"].get<std::string>()) : "";
        fmt::print("{:{}}{:>11}  {:<28} {:<18} {}\n", "", indent, each["priority"].get<int>(),
                   function, module, each["what"].get<std::string>());
        if (each.contains("asks"))
            print_functions(each["asks"], indent + 2);
    }
}

void print(const json& netns) {
    fmt::print("network namespace {}\n", netns["netns"].get<std::uint32_t>());
    for (const json& list : netns["hooks"]) {
        fmt::print("  {} {}{}\n", list["family"].get<std::string>(),
                   list["hook"].get<std::string>(),
                   list.contains("device") ? " " + list["device"].get<std::string>() : "");
        print_functions(list["functions"], 2);
    }
    if (netns["hooks"].empty())
        fmt::print("  nothing hangs in its hooks\n");
}

} // namespace

int show_hooks(const std::string& netns, bool as_json) {
    check_preconditions();
    const Listing listing;
    json all = json::array();
    for (const Netns& each : wanted_namespaces(netns))
        all.push_back(listing.of(each));
    if (as_json) {
        const json document{{"type", "hooks"}, {"namespaces", all}};
        fmt::print("{}\n", document.dump(-1, ' ', false, json::error_handler_t::replace));
        return 0;
    }
    for (const json& each : all)
        print(each);
    return 0;
}

} // namespace nflab::nfverdict
