// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/engines/legacy_engine.hpp"

#include "guest/nfverdict/engines/legacy_test.hpp"
#include "guest/nfverdict/kernel/module_file.hpp"
#include "guest/nfverdict/probes/layout.hpp"
#include "guest/nfverdict/records/assemble.hpp"

namespace nflab::nfverdict {
namespace {

using Outcome = TestResult::Outcome;

const Module& module_of(Legacy engine) {
    switch (engine) {
    case Legacy::iptables:
        return ip_tables_module;
    case Legacy::ip6tables:
        return ip6_tables_module;
    case Legacy::arptables:
        return arp_tables_module;
    case Legacy::ebtables:
        break;
    }
    return ebtables_module;
}

Walk walk_of(Legacy engine) {
    switch (engine) {
    case Legacy::iptables:
        return Walk::iptables;
    case Legacy::ip6tables:
        return Walk::ip6tables;
    case Legacy::arptables:
        return Walk::arptables;
    case Legacy::ebtables:
        break;
    }
    return Walk::ebtables;
}

std::vector<std::string> places(const probesite::IptSites& sites) {
    std::vector<std::string> out{to_text(sites.matched), to_text(sites.result)};
    if (sites.hotdrop)
        out.push_back(to_text(sites.hotdrop->at));
    if (sites.entered)
        out.push_back(to_text(sites.entered->at));
    return out;
}

std::vector<std::string> places(const probesite::EbtSites& sites) {
    return {to_text(sites.matched), to_text(sites.result), to_text(sites.policy),
            to_text(sites.entered.at)};
}

} // namespace

/// ebtables has tables and changes of its own; the others' are x_tables'.
void LegacyEngine::attach_changes(Probes& probes) {
    if (which_ != Legacy::ebtables || sees_changes_)
        return;
    try {
        probes.attach_ebt_changes();
        sees_changes_ = true;
    } catch (const Error& error) {
        throw Error(Failure::lab,
                    fmt::format("changes of its tables cannot be seen: {}", error.what()));
    }
}

LegacyEngine::LegacyEngine(Legacy which, const Options& options, Notice notice)
    : which_(which), options_(options), notice_(std::move(notice)) {
    state_.name = name_of(which);
    state_.module = module_of(which).name;
}

void LegacyEngine::resolve(nfv_config& config, KernelTypes& types, FunctionAddresses& addresses,
                           bool load) {
    if (load)
        load_module(state_.module);
    state_.loaded = is_loaded(state_.module);
    if (!state_.loaded) {
        state_.refusal = fmt::format("{} is not loaded", state_.module);
        return;
    }
    try {
        find_sites(config, types, addresses);
    } catch (const Error& error) {
        sites_ = std::monostate();
        state_.refusal = error.what();
    }
}

void LegacyEngine::find_sites(nfv_config& config, KernelTypes& types,
                              FunctionAddresses& addresses) {
    const Module& module = module_of(which_);
    const auto file = read_module(module);
    if (which_ == Legacy::ebtables) {
        const auto sites = accept(probesite::resolve_ebt(file), module.name);
        addresses.learn(module.name, file, {"ebt_do_table", "do_replace_finish"});
        state_.checks = sites.checks;
        config.xt_layout = xt_layout(types, state_.checks);
        config.ebt = ebt_config(types, sites, state_.checks);
        state_.build_id = sites.build_id;
        sites_ = sites;
        return;
    }
    const char* function = function_of(walk_of(which_));
    const auto sites = accept(probesite::resolve_ipt(file, function), module.name);
    addresses.learn(module.name, file, {function});
    state_.checks = sites.checks;
    config.xt_layout = xt_layout(types, state_.checks);
    config.xt[static_cast<std::size_t>(which_)] = to_config(sites, which_);
    state_.build_id = sites.build_id;
    sites_ = sites;
}

void LegacyEngine::attach(Probes& probes) {
    if (options_.method == Method::fexit || !attach_sites(probes))
        attach_walk(probes);
    if (!state_.method && (state_.loaded || !rare()))
        notice_(fmt::format("legacy {} is not observed: {}", state_.name, state_.refusal));
}

bool LegacyEngine::attach_sites(Probes& probes) {
    try {
        if (const auto* sites = std::get_if<probesite::IptSites>(&sites_)) {
            probes.attach_xt(*sites, which_);
            state_.places = places(*sites);
        } else if (const auto* bridge = std::get_if<probesite::EbtSites>(&sites_)) {
            attach_changes(probes);
            probes.attach_xt(*bridge, which_);
            state_.places = places(*bridge);
        } else {
            return false;
        }
        by_ = probes.method();
        state_.method = method_name(by_);
        return true;
    } catch (const Error& error) {
        state_.refusal = error.what();
        return false;
    }
}

void LegacyEngine::attach_walk(Probes& probes) {
    const bool wanted = !options_.method || options_.method == Method::fexit;
    if (!wanted || !state_.loaded)
        return;
    if (!options_.method)
        notice_(fmt::format("falling back to fexit for legacy {}, which sees tables but not their "
                            "rules: {}",
                            state_.name, state_.refusal));
    const Walk walk = walk_of(which_);
    try {
        attach_changes(probes);
        probes.attach_walk(walk);
        by_ = NFV_FEXIT;
        state_.method = method_name(by_);
        state_.places = {function_of(walk)};
        state_.checks.clear();
        state_.test = {};
    } catch (const Error& error) {
        state_.refusal += (state_.refusal.empty() ? "" : "; ") + std::string(error.what());
    }
}

bool LegacyEngine::prove(Probes& probes, const Netns& netns, Intake& intake) {
    if (!state_.waits_for_test())
        return state_.method;
    state_.test = test_legacy(netns, intake, which_, by_);
    if (state_.test.outcome == Outcome::not_possible)
        notice_(fmt::format("records of legacy {} are not proven: no self-test: {}", state_.name,
                            state_.test.detail));
    if (state_.test.outcome != Outcome::failed)
        return true;
    state_.method = nullptr;
    state_.refusal = fmt::format("method {} is refused for {}: self-test failed: {}",
                                 method_name(by_), state_.module, state_.test.detail);
    if (by_ == NFV_FEXIT) {
        probes.detach_walk(walk_of(which_));
    } else {
        probes.detach_xt(which_);
        attach_walk(probes);
        if (state_.method)
            return prove(probes, netns, intake);
    }
    notice_(fmt::format("legacy {} is not observed: {}", state_.name, state_.refusal));
    return false;
}

} // namespace nflab::nfverdict
