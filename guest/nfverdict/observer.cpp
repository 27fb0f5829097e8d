// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/observer.hpp"

#include "guest/nfverdict/decoy_sites.hpp"
#include "guest/nfverdict/kernel_api.hpp"
#include "guest/nfverdict/kprobe_optimization.hpp"
#include "guest/nfverdict/layout.hpp"
#include "guest/nfverdict/legacy_test.hpp"
#include "guest/nfverdict/module_file.hpp"
#include "guest/probesite/resolve.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace nflab::nfverdict {
namespace {

using Outcome = TestResult::Outcome;

constexpr std::array xt_engines{Legacy::iptables, Legacy::ip6tables, Legacy::arptables};

const Module& xt_module(Legacy legacy) {
    switch (legacy) {
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

const char* walk_function(Legacy legacy) {
    switch (legacy) {
    case Legacy::iptables:
        return "ipt_do_table";
    case Legacy::ip6tables:
        return "ip6t_do_table";
    case Legacy::arptables:
        return "arpt_do_table";
    case Legacy::ebtables:
        break;
    }
    return "ebt_do_table";
}

std::size_t index(Legacy legacy) {
    return static_cast<std::size_t>(legacy);
}

template <typename Sites>
Sites accept(std::variant<Sites, probesite::Refusal> result, const char* module) {
    if (const auto* refusal = std::get_if<probesite::Refusal>(&result))
        throw Error(Failure::lab, fmt::format("no probe site in {}: {}: {}", module, refusal->step,
                                              refusal->reason));
    return std::get<Sites>(std::move(result));
}

const char* word(Outcome outcome) {
    switch (outcome) {
    case Outcome::passed:
        return "passed";
    case Outcome::failed:
        return "failed";
    case Outcome::not_possible:
        return "not possible";
    case Outcome::too_early:
        break;
    }
    return "too early";
}

std::string text(const probesite::ProbePoint& point) {
    return fmt::format("{}+{:#x}", point.symbol, point.offset);
}

std::vector<std::string> places(const probesite::NftSites& sites, bool by_site) {
    if (!by_site)
        return {sites.trace_verdict_function, sites.trace_packet_function};
    std::vector<std::string> out{text(sites.verdict.at)};
    if (sites.traced)
        out.push_back(text(sites.traced->at));
    out.push_back(text(sites.policy.at));
    if (sites.policy_traced)
        out.push_back(text(sites.policy_traced->at));
    return out;
}

std::vector<std::string> places(const probesite::IptSites& sites) {
    std::vector<std::string> out{text(sites.matched), text(sites.result)};
    if (sites.hotdrop)
        out.push_back(text(sites.hotdrop->at));
    if (sites.entered)
        out.push_back(text(sites.entered->at));
    return out;
}

std::vector<std::string> places(const probesite::EbtSites& sites) {
    return {text(sites.matched), text(sites.result), text(sites.policy), text(sites.entered.at)};
}

} // namespace

Observer::Observer(const Options& options, Notice notice)
    : options_(options), notice_(std::move(notice)), private_(Netns::create()) {
    nft_.name = "nft";
    for (const Legacy legacy : xt_engines)
        xt_.at(index(legacy)).name = name_of(legacy);
    ebt_.name = name_of(Legacy::ebtables);
    nfv_config config{};
    config.all = options_.all;
    resolve_nft(config);
    for (const Legacy legacy : xt_engines)
        resolve_xt(config, legacy);
    resolve_ebt(config);
    find_xt_changes();
    if (!nft_.loaded && !ebt_.loaded &&
        std::none_of(xt_.begin(), xt_.end(), [](const auto& engine) { return engine.loaded; }))
        throw Error(Failure::lab,
                    "neither nf_tables nor ip_tables, ip6_tables, arp_tables or ebtables is "
                    "loaded: there is nothing to observe",
                    "--load loads them");
    conntrack_ = conntrack_layout(types_);
    if (!conntrack_)
        notice_("conntrack tuples are not shown: the kernel has no type information on nf_conn");
    probes_ = std::make_unique<Probes>(config, types_.kernel(), std::move(addresses_));
    intake_ = std::make_unique<Intake>(*probes_, private_.inode());
    {
        const PausedKprobeOptimization pause;
        attach();
        set_up_nft();
        retry_xt_tests();
        set_up_drops();
    }
    attach_ms_ = std::chrono::duration_cast<std::chrono::milliseconds>(
                     std::chrono::steady_clock::now() - begin_)
                     .count();
    if (observes_nft() || observes_xt())
        return;
    std::string reasons = nft_.refusal;
    for (const XtEngine& engine : xt_)
        reasons += (reasons.empty() || engine.refusal.empty() ? "" : "\n") + engine.refusal;
    throw Error(Failure::lab, "no engine can be observed: " + reasons);
}

void Observer::find_xt_changes() {
    if (!is_loaded(x_tables_module.name))
        return;
    try {
        addresses_.learn(x_tables_module.name, read_module(x_tables_module), {"xt_replace_table"});
    } catch (const Error&) {
        return; // the kernel knows the name, too
    }
}

template <typename XtLike>
void Observer::attach_xt(XtLike& engine, Legacy legacy) {
    if (engine.sites) {
        try {
            probes_->attach_xt(*engine.sites, legacy);
            engine.method = "site";
        } catch (const Error& error) {
            engine.refusal = error.what();
        }
    }
    // Few machines have any use for these two.
    const bool rare = legacy == Legacy::arptables || legacy == Legacy::ebtables;
    if (!engine.method && (engine.loaded || !rare))
        notice_(fmt::format("legacy {} is not observed: {}", engine.name, engine.refusal));
}

void Observer::attach() {
    if (nft_.loaded)
        probes_->attach_nft_changes();
    if (is_loaded(x_tables_module.name))
        probes_->attach_xt_changes();
    if (sites_resolved_ && options_.method != Method::decoy) {
        try {
            probes_->attach_nft(*nft_.sites);
        } catch (const Error& error) {
            nft_.test = {Outcome::failed, error.what()};
        }
    }
    if (ebt_.sites) {
        try {
            probes_->attach_ebt_changes();
        } catch (const Error& error) {
            ebt_.sites.reset();
            ebt_.refusal = fmt::format("changes of its tables cannot be seen: {}", error.what());
        }
    }
    for (const Legacy legacy : xt_engines)
        attach_xt(xt_.at(index(legacy)), legacy);
    attach_xt(ebt_, Legacy::ebtables);
}

void Observer::resolve_nft(nfv_config& config) {
    if (options_.load)
        load_module(nf_tables_module.name);
    nft_.loaded = is_loaded(nf_tables_module.name);
    if (!nft_.loaded) {
        nft_.refusal = "nf_tables is not loaded";
        return;
    }
    try {
        const auto file = read_module(nf_tables_module);
        nft_.sites = accept(probesite::resolve_nft(file), "nf_tables");
        addresses_.learn("nf_tables", file, {"nft_do_chain", "nf_tables_commit"});
        sites_resolved_ = true;
        nft_.checks = nft_.sites->checks;
    } catch (const Error& error) {
        nft_.refusal = error.what();
    }
    try {
        if (!nft_.sites)
            nft_.sites = decoy_sites(types_);
        config.nft_layout = nft_layout(types_, *nft_.sites, nft_.checks);
    } catch (const Error& error) {
        nft_.refusal +=
            (nft_.refusal.empty() ? "" : "; and no decoy: ") + std::string(error.what());
        nft_.sites.reset();
        return;
    }
    if (!sites_resolved_)
        return;
    config.nft[0] = to_config(nft_.sites->verdict);
    if (nft_.sites->traced)
        config.nft[1] = to_config(*nft_.sites->traced);
    config.policy[0] = to_config(nft_.sites->policy);
    if (nft_.sites->policy_traced)
        config.policy[1] = to_config(*nft_.sites->policy_traced);
}

void Observer::resolve_xt(nfv_config& config, Legacy legacy) {
    XtEngine& engine = xt_.at(index(legacy));
    const Module& module = xt_module(legacy);
    if (options_.load)
        load_module(module.name);
    engine.loaded = is_loaded(module.name);
    if (!engine.loaded) {
        engine.refusal = fmt::format("{} is not loaded", module.name);
        return;
    }
    try {
        const char* function = walk_function(legacy);
        const auto file = read_module(module);
        engine.sites = accept(probesite::resolve_ipt(file, function), module.name);
        addresses_.learn(module.name, file, {function});
        engine.checks = engine.sites->checks;
        config.xt_layout = xt_layout(types_, engine.checks);
        config.xt[index(legacy)] = to_config(*engine.sites, legacy);
    } catch (const Error& error) {
        engine.sites.reset();
        engine.refusal = error.what();
    }
}

void Observer::resolve_ebt(nfv_config& config) {
    if (options_.load)
        load_module(ebtables_module.name);
    ebt_.loaded = is_loaded(ebtables_module.name);
    if (!ebt_.loaded) {
        ebt_.refusal = "ebtables is not loaded";
        return;
    }
    try {
        ebt_.sites =
            accept(probesite::resolve_ebt(read_module(ebtables_module)), ebtables_module.name);
        ebt_.checks = ebt_.sites->checks;
        config.xt_layout = xt_layout(types_, ebt_.checks);
        config.ebt = ebt_config(types_, *ebt_.sites, ebt_.checks);
    } catch (const Error& error) {
        ebt_.sites.reset();
        ebt_.refusal = error.what();
    }
}

bool Observer::try_nft_sites() {
    if (!sites_resolved_)
        return false;
    try {
        if (nft_.test.outcome != Outcome::failed)
            nft_.test = nft_test_->run(NFV_SITE);
        if (nft_.test.outcome == Outcome::passed) {
            // Once more by the other way through the function, which trace rules switch on.
            const TraceKey key(private_);
            const TestResult traced = nft_test_->run(NFV_SITE);
            nft_.test.outcome = traced.outcome;
            nft_.test.detail += fmt::format("; {}, with a trace rule somewhere", traced.detail);
        }
    } catch (const Error& error) {
        nft_.test = {Outcome::failed, error.what()};
    }
    if (nft_.test.outcome == Outcome::passed) {
        nft_.method = "site";
        nft_by_site_ = true;
        return true;
    }
    nft_.refusal = fmt::format("the probe sites of nf_tables are refused: self-test {}: {}",
                               word(nft_.test.outcome), nft_.test.detail);
    probes_->detach_nft();
    return false;
}

void Observer::try_nft_decoy() {
    try {
        key_ = std::make_unique<TraceKey>(private_);
        probes_->attach_decoy(*nft_.sites);
        const TestResult test = nft_test_->run(NFV_DECOY);
        if (test.outcome != Outcome::passed)
            throw Error(Failure::lab, fmt::format("the decoy method is refused: self-test {}: {}",
                                                  word(test.outcome), test.detail));
        if (nft_by_site_) {
            nft_.method = "site+decoy";
            nft_.test.detail += "; decoy: " + test.detail;
        } else {
            nft_.method = "decoy";
            nft_.test = test;
        }
    } catch (const Error& error) {
        probes_->detach_decoy();
        key_.reset();
        nft_.refusal += (nft_.refusal.empty() ? "" : "; ") + std::string(error.what());
        if (nft_by_site_)
            throw Error(Failure::lab, "no cross-check: " + nft_.refusal);
    }
}

void Observer::set_up_nft() {
    if (!nft_.sites) {
        notice_("nftables is not observed: " + nft_.refusal);
        return;
    }
    nft_test_ = std::make_unique<NftTest>(private_, *intake_);
    const bool sites = options_.method != Method::decoy && try_nft_sites();
    // What keeps one method from being proven keeps the other.
    const bool provable = nft_.test.outcome != Outcome::not_possible;
    if (!sites && provable && options_.method != Method::site && !options_.cross_check) {
        if (!options_.method)
            notice_("falling back to the decoy key for nftables: " + nft_.refusal);
        try_nft_decoy();
    } else if (sites && options_.cross_check) {
        try_nft_decoy();
    }
    if (!nft_.method)
        notice_("nftables is not observed: " + nft_.refusal);
    else if (options_.all)
        observe_passed();
}

// Only the kernel's own tracing tells of rules that matched and went on.
void Observer::observe_passed() {
    try {
        if (!key_)
            key_ = std::make_unique<TraceKey>(private_);
        probes_->attach_passed(*nft_.sites);
        nft_.test.detail += "; " + nft_test_->run_passed();
    } catch (const Error& error) {
        notice_(fmt::format("rules that match and go on have no records: {}", error.what()));
    }
}

void Observer::set_up_drops() {
    drops_ = std::make_unique<Drops>(types_, options_.all, [this] { intake_->pump(); });
    // void (*)(void *, skb, location[, reason[, …]])
    const auto arguments = types_.tracepoint_arguments("kfree_skb");
    try {
        if (!arguments)
            throw Error(Failure::lab, "this kernel's type information has no tracepoint kfree_skb");
        probes_->attach_drops(*arguments > 2);
    } catch (const Error& error) {
        notice_(fmt::format("packets that no rule drops are not seen: {}", error.what()));
    }
    try {
        if (options_.all)
            probes_->attach_hooks();
    } catch (const Error& error) {
        notice_(fmt::format("hook functions that are no tables are not seen: {}", error.what()));
    }
    watch_flowtables();
}

void Observer::watch_flowtables() {
    if (probes_->has_flowtables() || !is_loaded("nf_flow_table"))
        return;
    try {
        probes_->attach_flowtables();
    } catch (const Error& error) {
        notice_(fmt::format("packets that flowtables forward are not seen: {}", error.what()));
    }
}

bool Observer::prove_xt(Legacy legacy) {
    return legacy == Legacy::ebtables ? prove(ebt_, legacy) : prove(xt_.at(index(legacy)), legacy);
}

template <typename XtLike>
bool Observer::prove(XtLike& engine, Legacy legacy) {
    if (!engine.method || engine.test.outcome != Outcome::too_early)
        return engine.method;
    engine.test = test_legacy(private_, *intake_, legacy);
    if (engine.test.outcome == Outcome::not_possible)
        notice_(fmt::format("records of legacy {} are not proven: no self-test: {}", engine.name,
                            engine.test.detail));
    if (engine.test.outcome != Outcome::failed)
        return true;
    engine.method = nullptr;
    probes_->detach_xt(legacy);
    engine.refusal = fmt::format("the probe sites of {} are refused: self-test failed: {}",
                                 xt_module(legacy).name, engine.test.detail);
    notice_(fmt::format("legacy {} is not observed: {}", engine.name, engine.refusal));
    return false;
}

bool Observer::waits_for_tables() const {
    const auto waits = [](const auto& engine) {
        return engine.method && engine.test.outcome == Outcome::too_early;
    };
    return waits(ebt_) || std::any_of(xt_.begin(), xt_.end(), waits);
}

void Observer::retry_xt_tests() {
    for (const Legacy legacy : all_legacy)
        prove_xt(legacy);
}

bool Observer::sound() const {
    const auto good = [](const auto& engine) {
        return !engine.loaded || (engine.method && engine.test.outcome != Outcome::failed);
    };
    return good(nft_) && good(ebt_) && std::all_of(xt_.begin(), xt_.end(), good);
}

nlohmann::json Observer::describe() const {
    utsname kernel{};
    ::uname(&kernel);
    nlohmann::json engines = nlohmann::json::array();
    const auto add = [&](const auto& engine, const std::vector<std::string>& sites) {
        nlohmann::json entry{{"engine", engine.name}};
        if (engine.method) {
            entry["method"] = engine.method;
            entry["sites"] = sites;
            entry["build_id"] = engine.sites->build_id;
            entry["checks"] = engine.checks;
            entry["self_test"] =
                fmt::format("{}: {}", word(engine.test.outcome), engine.test.detail);
        } else {
            entry["refused"] = engine.refusal;
        }
        engines.push_back(std::move(entry));
    };
    add(nft_, nft_.method ? places(*nft_.sites, nft_by_site_) : std::vector<std::string>());
    const auto add_legacy = [&](const auto& engine) {
        add(engine, engine.method ? places(*engine.sites) : std::vector<std::string>());
    };
    add_legacy(xt_[index(Legacy::iptables)]);
    add_legacy(xt_[index(Legacy::ip6tables)]);
    if (xt_[index(Legacy::arptables)].loaded)
        add_legacy(xt_[index(Legacy::arptables)]);
    if (ebt_.loaded)
        add_legacy(ebt_);
    const auto proven = [](const auto& engine) {
        return !engine.method || engine.test.outcome == Outcome::passed;
    };
    const bool all_proven =
        sound() && proven(nft_) && proven(ebt_) && std::all_of(xt_.begin(), xt_.end(), proven);
    return {{"type", "ready"},
            {"kernel", kernel.release},
            {"method", nft_.method ? nft_.method : "site"},
            {"engines", std::move(engines)},
            {"attach_ms", attach_ms_},
            {"self_test", all_proven ? "passed" : "incomplete"}};
}

} // namespace nflab::nfverdict
