// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/observer.hpp"

#include "guest/nfverdict/kernel/kernel_pages.hpp"
#include "guest/nfverdict/kernel/module_file.hpp"
#include "guest/nfverdict/probes/bpf_probes.hpp"
#include "guest/nfverdict/probes/kprobe_optimization.hpp"
#include "guest/nfverdict/probes/layout.hpp"
#include "guest/nfverdict/records/assemble.hpp"
#include "guest/nfverdict/tracefs/tracefs_probes.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace nflab::nfverdict {

Observer::Observer(const Options& options, Notice notice)
    : options_(options), notice_(std::move(notice)), private_(Netns::create()),
      nft_(options_, notice_, private_), legacy_{{{Legacy::iptables, options_, notice_},
                                                  {Legacy::ip6tables, options_, notice_},
                                                  {Legacy::arptables, options_, notice_},
                                                  {Legacy::ebtables, options_, notice_}}} {
    nfv_config config{};
    config.all = options_.all;
    config.pages = kernel_pages(types_);
    if (config.pages.struct_size == 0)
        notice_("headers that a driver has left in a page are not read before the kernel pulls "
                "them: /proc/kcore does not tell where the pages are");
    resolve(config);
    conntrack_ = conntrack_layout(types_);
    if (!conntrack_)
        notice_("conntrack tuples are not shown: the kernel has no type information on nf_conn");
    make_probes(config);
    intake_ = std::make_unique<Intake>(*probes_, private_.inode());
    {
        const PausedKprobeOptimization pause;
        attach();
        // Before the tests, whose rules drop packets: what they have freed must be forgotten.
        set_up_drops();
        nft_.prove(*probes_, *intake_);
        retry_xt_tests();
    }
    attach_ms_ = std::chrono::duration_cast<std::chrono::milliseconds>(
                     std::chrono::steady_clock::now() - begin_)
                     .count();
    if (observes_nft() || observes_xt())
        return;
    std::string reasons;
    for (const Engine* engine : engines())
        reasons += (reasons.empty() || engine->refusal.empty() ? "" : "\n") + engine->refusal;
    throw Error(Failure::lab, "no engine can be observed: " + reasons);
}

void Observer::make_probes(const nfv_config& config) {
    if (options_.method != Method::kprobe_events) {
        try {
            probes_ = std::make_unique<BpfProbes>(config, types_, std::move(addresses_));
            return;
        } catch (const Error& error) {
            if (options_.method || options_.cross_check)
                throw;
            notice_(fmt::format("BPF cannot be used, falling back to kprobe events of tracefs: {}",
                                error.what()));
        }
    }
    probes_ = std::make_unique<TracefsProbes>(config, types_, notice_);
}

void Observer::resolve(nfv_config& config) {
    nft_.resolve(config, types_, addresses_);
    for (LegacyEngine& engine : legacy_)
        engine.resolve(config, types_, addresses_, options_.load);
    find_xt_changes();
    const auto all = engines();
    if (std::none_of(all.begin(), all.end(), [](const Engine* engine) { return engine->loaded; }))
        throw Error(Failure::lab,
                    "neither nf_tables nor ip_tables, ip6_tables, arp_tables or ebtables is "
                    "loaded: there is nothing to observe",
                    "--load loads them");
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

void Observer::attach() {
    nft_.attach(*probes_);
    if (is_loaded(x_tables_module.name))
        probes_->attach_xt_changes();
    for (LegacyEngine& engine : legacy_)
        engine.attach(*probes_);
}

void Observer::set_up_drops() {
    drops_ = std::make_unique<Drops>(types_, options_.all, [this] { intake_->pump(); });
    try {
        probes_->attach_drops();
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

void Observer::tell_latecomers() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_look_)
        return;
    next_look_ = now + std::chrono::seconds(1);
    for (const Engine* engine : engines())
        if (!engine->loaded && is_loaded(engine->module) &&
            latecomers_.insert(engine->module).second)
            notice_(fmt::format("{} has been loaded since: {} is not observed until a new start, "
                                "which may use --load to have it there first",
                                engine->module, engine->name));
}

bool Observer::observes_xt() const {
    return std::any_of(legacy_.begin(), legacy_.end(),
                       [](const LegacyEngine& engine) { return engine.state().method; });
}

bool Observer::sees_walks() const {
    const auto all = engines();
    return std::any_of(all.begin(), all.end(), [](const Engine* engine) {
        return engine->method && engine->method == std::string_view(method_name(NFV_FEXIT));
    });
}

bool Observer::prove_xt(Legacy engine) {
    return legacy_.at(static_cast<std::size_t>(engine)).prove(*probes_, private_, *intake_);
}

bool Observer::waits_for_tables() const {
    return std::any_of(legacy_.begin(), legacy_.end(),
                       [](const LegacyEngine& engine) { return engine.state().waits_for_test(); });
}

void Observer::retry_xt_tests() {
    for (const Legacy engine : all_legacy)
        prove_xt(engine);
}

std::vector<const Engine*> Observer::engines() const {
    std::vector<const Engine*> all{&nft_.state()};
    for (const LegacyEngine& engine : legacy_)
        all.push_back(&engine.state());
    return all;
}

bool Observer::sound() const {
    const auto all = engines();
    return std::all_of(all.begin(), all.end(),
                       [](const Engine* engine) { return engine->sound(); });
}

nlohmann::json Observer::describe() const {
    utsname kernel{};
    ::uname(&kernel);
    nlohmann::json described = nlohmann::json::array({nft_.state().describe()});
    for (const LegacyEngine& engine : legacy_)
        if (engine.state().loaded || !engine.rare())
            described.push_back(engine.state().describe());
    const auto all = engines();
    const bool proven = sound() && std::all_of(all.begin(), all.end(), [](const Engine* engine) {
                            return engine->proven();
                        });
    return {{"type", "ready"},
            {"kernel", kernel.release},
            {"method", observes_nft() ? nft_.state().method : "site"},
            {"engines", std::move(described)},
            {"attach_ms", attach_ms_},
            {"self_test", proven ? "passed" : "incomplete"}};
}

} // namespace nflab::nfverdict
