// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/engines/nft_engine.hpp"

#include "guest/nfverdict/kernel/module_file.hpp"
#include "guest/nfverdict/probes/decoy_sites.hpp"
#include "guest/nfverdict/probes/layout.hpp"
#include "guest/nfverdict/records/assemble.hpp"

namespace nflab::nfverdict {
namespace {

using Outcome = TestResult::Outcome;

std::vector<std::string> places(const probesite::NftSites& sites) {
    std::vector<std::string> out{to_text(sites.verdict.at)};
    if (sites.traced)
        out.push_back(to_text(sites.traced->at));
    out.push_back(to_text(sites.policy.at));
    if (sites.policy_traced)
        out.push_back(to_text(sites.policy_traced->at));
    return out;
}

} // namespace

NftEngine::NftEngine(const Options& options, Notice notice, const Netns& netns)
    : options_(options), notice_(std::move(notice)), netns_(netns) {
    state_.name = "nft";
    state_.module = nf_tables_module.name;
}

void NftEngine::resolve(nfv_config& config, KernelTypes& types, FunctionAddresses& addresses) {
    if (options_.load)
        load_module(state_.module);
    state_.loaded = is_loaded(state_.module);
    if (!state_.loaded) {
        state_.refusal = "nf_tables is not loaded";
        return;
    }
    try {
        const auto file = read_module(nf_tables_module);
        sites_ = accept(probesite::resolve_nft(file), "nf_tables");
        addresses.learn("nf_tables", file, {"nft_do_chain", "nf_tables_commit"});
        resolved_ = true;
        state_.checks = sites_->checks;
    } catch (const Error& error) {
        state_.refusal = error.what();
    }
    try {
        if (!sites_)
            sites_ = decoy_sites(types);
        config.nft_layout = nft_layout(types, *sites_, state_.checks);
    } catch (const Error& error) {
        state_.refusal +=
            (state_.refusal.empty() ? "" : "; and no decoy: ") + std::string(error.what());
        sites_.reset();
        return;
    }
    state_.build_id = sites_->build_id;
    if (!resolved_)
        return;
    config.nft[0] = to_config(sites_->verdict);
    if (sites_->traced)
        config.nft[1] = to_config(*sites_->traced);
    config.policy[0] = to_config(sites_->policy);
    if (sites_->policy_traced)
        config.policy[1] = to_config(*sites_->policy_traced);
}

void NftEngine::attach(Probes& probes) {
    if (state_.loaded)
        probes.attach_nft_changes();
    if (!resolved_ || options_.method == Method::decoy || options_.method == Method::fexit)
        return;
    try {
        probes.attach_nft(*sites_);
    } catch (const Error& error) {
        state_.test = {Outcome::failed, error.what()};
    }
}

bool NftEngine::try_sites(Probes& probes, Intake& intake) {
    if (!resolved_)
        return false;
    try {
        if (state_.test.outcome != Outcome::failed)
            state_.test = test_->run(intake, probes.method());
        if (state_.test.outcome == Outcome::passed) {
            // Once more by the other way through the function, which trace rules switch on.
            const TraceKey key(netns_);
            const TestResult traced = test_->run(intake, probes.method());
            state_.test.outcome = traced.outcome;
            state_.test.detail += fmt::format("; {}, with a trace rule somewhere", traced.detail);
        }
    } catch (const Error& error) {
        state_.test = {Outcome::failed, error.what()};
    }
    if (state_.test.outcome == Outcome::passed) {
        state_.method = method_name(probes.method());
        state_.places = places(*sites_);
        return true;
    }
    state_.refusal = fmt::format("the probe sites of nf_tables are refused: self-test {}: {}",
                                 word(state_.test.outcome), state_.test.detail);
    probes.detach_nft();
    return false;
}

void NftEngine::try_decoy(Probes& probes, Intake& intake) {
    const bool by_site = state_.method != nullptr;
    try {
        key_ = std::make_unique<TraceKey>(netns_);
        probes.attach_decoy(*sites_);
        const TestResult test = test_->run(intake, NFV_DECOY);
        if (test.outcome != Outcome::passed)
            throw Error(Failure::lab, fmt::format("the decoy method is refused: self-test {}: {}",
                                                  word(test.outcome), test.detail));
        if (by_site) {
            state_.method = "site+decoy";
            state_.test.detail += "; decoy: " + test.detail;
        } else {
            state_.method = "decoy";
            state_.places = {sites_->trace_verdict_function, sites_->trace_packet_function};
            state_.test = test;
        }
    } catch (const Error& error) {
        probes.detach_decoy();
        key_.reset();
        state_.refusal += (state_.refusal.empty() ? "" : "; ") + std::string(error.what());
        if (by_site)
            throw Error(Failure::lab, "no cross-check: " + state_.refusal);
    }
}

void NftEngine::prove(Probes& probes, Intake& intake) {
    if (state_.loaded)
        test_ = std::make_unique<NftTest>(netns_);
    if (sites_ && options_.method != Method::fexit)
        prove_rules(probes, intake);
    const bool may_be_whole = !options_.method || options_.method == Method::fexit;
    if (!state_.method && state_.loaded && may_be_whole && !options_.cross_check)
        try_walk(probes, intake);
    if (!state_.method)
        notice_("nftables is not observed: " + state_.refusal);
    else if (options_.all && sites_)
        observe_passed(probes, intake);
}

void NftEngine::prove_rules(Probes& probes, Intake& intake) {
    const bool sites = options_.method != Method::decoy && try_sites(probes, intake);
    // What keeps one method from being proven keeps the other.
    const bool provable = state_.test.outcome != Outcome::not_possible;
    const bool may_fall_back = !options_.method || options_.method == Method::decoy;
    if (!sites && provable && may_fall_back && !options_.cross_check) {
        if (!options_.method)
            notice_("falling back to the decoy key for nftables: " + state_.refusal);
        try_decoy(probes, intake);
    } else if (sites && options_.cross_check) {
        try_decoy(probes, intake);
    }
}

void NftEngine::try_walk(Probes& probes, Intake& intake) {
    if (!options_.method)
        notice_("falling back to fexit for nftables, which sees base chains but not their rules: " +
                state_.refusal);
    try {
        probes.attach_walk(Walk::nft);
        state_.test = test_->run(intake, NFV_FEXIT);
        if (state_.test.outcome != Outcome::passed)
            throw Error(Failure::lab, fmt::format("fexit is refused: self-test {}: {}",
                                                  word(state_.test.outcome), state_.test.detail));
        state_.method = method_name(NFV_FEXIT);
        state_.places = {function_of(Walk::nft)};
        state_.checks.clear();
    } catch (const Error& error) {
        probes.detach_walk(Walk::nft);
        state_.refusal += (state_.refusal.empty() ? "" : "; ") + std::string(error.what());
    }
}

// Only the kernel's own tracing tells of rules that matched and went on.
void NftEngine::observe_passed(Probes& probes, Intake& intake) {
    const bool wanted_before = key_ != nullptr;
    try {
        if (!wanted_before)
            key_ = std::make_unique<TraceKey>(netns_);
        probes.attach_passed(*sites_);
        state_.test.detail += "; " + test_->run_passed(intake);
    } catch (const Error& error) {
        if (!wanted_before)
            key_.reset();
        notice_(fmt::format("rules that match and go on have no records: {}", error.what()));
    }
}

} // namespace nflab::nfverdict
