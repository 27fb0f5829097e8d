// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/probes/bpf_probes.hpp"

#include "guest/nfverdict/kernel/module_file.hpp"
#include "guest/nfverdict/kernel/type_extract.hpp"
#include "guest/nfverdict/probes/kprobe_event.hpp"
#include "guest/nfverdict/probes/libbpf_log.hpp"
#include "harness/base/error.hpp"
#include "harness/base/unique_fd.hpp"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <nfverdict.skel.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <utility>

namespace nflab::nfverdict {
namespace {

// The names of everything that the programs could want to know of the kernel: what they call it,
// without the suffix that tells two versions of one structure apart.
std::vector<std::string_view> type_names(const btf* types) {
    std::vector<std::string_view> names;
    for (std::uint32_t id = 1; id < btf__type_cnt(types); ++id) {
        const std::string_view name =
            btf__name_by_offset(types, btf__type_by_id(types, id)->name_off);
        if (!name.empty())
            names.push_back(name.substr(0, name.find("___")));
    }
    return names;
}

constexpr const char* drop_tracepoint = "kfree_skb"; // (data, skb, location[, reason[, …]])

bool tells_drop_reasons(const KernelTypes& types) {
    return types.tracepoint_arguments(drop_tracepoint).value_or(0) > 2;
}

// Every program that is loaded is checked by the kernel first, which takes it a while.
void choose_programs(const nfverdict_bpf& object, const nfv_config& config, bool reasons) {
    const auto& programs = object.progs;
    const auto want = [](std::initializer_list<bpf_program*> some, bool wanted) {
        for (bpf_program* program : some)
            bpf_program__set_autoload(program, wanted);
    };
    const auto known = [](const nfv_location& location) { return location.kind != NFV_NOWHERE; };
    want({programs.on_nft_verdict}, known(config.nft[0].pkt));
    want({programs.on_nft_verdict_traced}, known(config.nft[1].pkt));
    want({programs.on_nft_policy}, known(config.policy[0].pkt));
    want({programs.on_nft_policy_traced}, known(config.policy[1].pkt));
    want({programs.on_ipt_matched, programs.on_ipt_result}, known(config.xt[0].skb));
    want({programs.on_ipt_hotdrop}, known(config.xt[0].hotdrop.skb));
    want({programs.on_ip6t_matched, programs.on_ip6t_result}, known(config.xt[1].skb));
    want({programs.on_ip6t_hotdrop}, known(config.xt[1].hotdrop.skb));
    want({programs.on_arpt_enter, programs.on_arpt_matched, programs.on_arpt_result},
         known(config.xt[2].skb));
    want({programs.on_ebt_enter, programs.on_ebt_matched, programs.on_ebt_result,
          programs.on_ebt_policy},
         known(config.ebt.skb));
    want({programs.on_ebt_replace, programs.on_ebt_replaced}, is_loaded(ebtables_module.name));
    want({programs.on_nft_passed, programs.on_hook, programs.on_hook_done}, config.all);
    want({programs.on_decoy_verdict, programs.on_decoy_packet}, false);
    want({programs.on_drop}, !reasons);
    want({programs.on_drop_reason}, reasons);
}

void choose_decoy(const nfverdict_bpf& object) {
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, object.obj)
        bpf_program__set_autoload(program, program == object.progs.on_decoy_verdict ||
                                               program == object.progs.on_decoy_packet);
}

// The events of both come from one buffer, and what they know of packets is the same.
void share_maps(const nfverdict_bpf& from, const nfverdict_bpf& with) {
    const bpf_map* ours = nullptr;
    bpf_map* theirs = nullptr;
    bpf_object__for_each_map(theirs, with.obj) {
        ours = bpf_object__next_map(from.obj, ours);
        if (const int error = bpf_map__reuse_fd(theirs, bpf_map__fd(ours)))
            throw Error(Failure::lab,
                        "cannot share the BPF programs' maps: " + libbpf_failure(-error));
    }
}

// libbpf would take the kernel's type information to pieces and search all of it for every type.
void write_types(int file, const std::vector<std::uint8_t>& types) {
    if (::write(file, types.data(), types.size()) != static_cast<ssize_t>(types.size()))
        throw Error(Failure::lab, fmt::format("no memory for a file of {} bytes: {}", types.size(),
                                              std::strerror(errno)));
}

} // namespace

void BpfProbes::FreeLink::operator()(bpf_link* link) const {
    bpf_link__destroy(link);
}

void BpfProbes::FreeObject::operator()(nfverdict_bpf* object) const {
    nfverdict_bpf__destroy(object);
}

BpfProbes::BpfProbes(const nfv_config& config, KernelTypes& types, FunctionAddresses addresses)
    : config_(config), types_(types), addresses_(std::move(addresses)) {
    const auto choose = [this](const nfverdict_bpf& object) {
        choose_programs(object, config_, tells_drop_reasons(types_));
    };
    config_.pieces = 1;
    if (load(object_, choose) != 0) {
        config_.pieces = 0;
        if (const int error = load(object_, choose))
            throw Error(Failure::lab,
                        "the kernel does not take the BPF programs: " + libbpf_failure(-error),
                        error == -EPERM
                            ? "nfverdict needs root (CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN "
                              "in the initial user namespace)"
                            : "");
    }
    buffer_.emplace(bpf_map__fd(object_->maps.events));
}

BpfProbes::~BpfProbes() = default;

int BpfProbes::load(Object& object, const Preparation& prepare) const {
    begin_libbpf_log();
    const UniqueFd type_file(::memfd_create("nfverdict-types", MFD_CLOEXEC));
    const std::string type_path = fmt::format("/proc/self/fd/{}", type_file.get());
    LIBBPF_OPTS(bpf_object_open_opts, options, .btf_custom_path = type_path.c_str(), );
    object.reset(nfverdict_bpf__open_opts(&options));
    if (!object)
        throw Error(Failure::lab, "cannot open the BPF programs: " + libbpf_failure(errno));
    write_types(type_file.get(),
                extract_types(types_.kernel(), type_names(bpf_object__btf(object->obj))));
    std::memcpy(const_cast<nfv_config*>(&object->rodata->config), &config_, sizeof(config_));
    prepare(*object);
    return nfverdict_bpf__load(object.get());
}

BpfProbes::Kprobe BpfProbes::attach_at_address(bpf_program* program,
                                               const probesite::ProbePoint& at,
                                               bool on_return) const {
    const auto function = addresses_.find(at.symbol);
    if (!function)
        return {};
    UniqueFd event = open_kprobe(*function + at.offset, on_return);
    if (!event)
        return {};
    Link link(bpf_program__attach_perf_event(program, event.get()));
    if (!link)
        return {};
    return {std::move(link), event.release()}; // the link closes it
}

BpfProbes::Kprobe BpfProbes::attach(bpf_program* program, const probesite::ProbePoint& at,
                                    bool on_return) const {
    if (Kprobe probe = attach_at_address(program, at, on_return); probe.link)
        return probe;
    begin_libbpf_log();
    LIBBPF_OPTS(bpf_kprobe_opts, options, .offset = at.offset, .retprobe = on_return, );
    Link link(bpf_program__attach_kprobe_opts(program, at.symbol.c_str(), &options));
    if (!link)
        throw Error(Failure::lab, fmt::format("the kernel does not take a probe at {}+{:#x}: {}",
                                              at.symbol, at.offset, libbpf_failure(errno)));
    return {std::move(link)};
}

void BpfProbes::attach_nft(const probesite::NftSites& sites) {
    Kprobes probes;
    probes.push_back(attach(object_->progs.on_nft_verdict, sites.verdict.at, false));
    if (sites.traced)
        probes.push_back(attach(object_->progs.on_nft_verdict_traced, sites.traced->at, false));
    probes.push_back(attach(object_->progs.on_nft_policy, sites.policy.at, false));
    if (sites.policy_traced)
        probes.push_back(
            attach(object_->progs.on_nft_policy_traced, sites.policy_traced->at, false));
    nft_ = std::move(probes);
}

// Seldom of use, so that they are loaded only then.
void BpfProbes::load_decoy() {
    const auto prepare = [this](const nfverdict_bpf& object) {
        choose_decoy(object);
        share_maps(*object_, object);
    };
    Object object;
    if (const int error = load(object, prepare))
        throw Error(Failure::lab,
                    "the kernel does not take the decoy's BPF programs: " + libbpf_failure(-error));
    decoy_object_ = std::move(object);
}

void BpfProbes::attach_decoy(const probesite::NftSites& sites) {
    if (!decoy_object_)
        load_decoy();
    const auto& programs = decoy_object_->progs;
    Kprobes probes;
    probes.push_back(attach(programs.on_decoy_verdict, {sites.trace_verdict_function, 0}, false));
    probes.push_back(attach(programs.on_decoy_packet, {sites.trace_packet_function, 0}, false));
    decoy_ = std::move(probes);
}

void BpfProbes::attach_passed(const probesite::NftSites& sites) {
    Kprobes probes;
    probes.push_back(attach(object_->progs.on_nft_passed, {sites.trace_packet_function, 0}, false));
    passed_ = std::move(probes);
}

void BpfProbes::attach_xt(const probesite::IptSites& sites, Legacy legacy) {
    auto& programs = object_->progs;
    struct {
        bpf_program *entered, *matched, *result, *hotdrop;
    } all[] = {
        {nullptr, programs.on_ipt_matched, programs.on_ipt_result, programs.on_ipt_hotdrop},
        {nullptr, programs.on_ip6t_matched, programs.on_ip6t_result, programs.on_ip6t_hotdrop},
        {programs.on_arpt_enter, programs.on_arpt_matched, programs.on_arpt_result, nullptr},
    };
    const auto& mine = all[static_cast<std::size_t>(legacy)];
    Kprobes probes;
    // In this order: the other way round, a target that is already running would count as lost.
    if (sites.entered && mine.entered)
        probes.push_back(attach(mine.entered, sites.entered->at, false));
    probes.push_back(attach(mine.matched, sites.matched, false));
    probes.push_back(attach(mine.result, sites.result, false));
    if (sites.hotdrop && mine.hotdrop)
        probes.push_back(attach(mine.hotdrop, sites.hotdrop->at, false));
    xt_.at(static_cast<std::size_t>(legacy)) = std::move(probes);
}

void BpfProbes::attach_xt(const probesite::EbtSites& sites, Legacy legacy) {
    auto& programs = object_->progs;
    Kprobes probes;
    probes.push_back(attach(programs.on_ebt_enter, sites.entered.at, false));
    probes.push_back(attach(programs.on_ebt_matched, sites.matched, false));
    probes.push_back(attach(programs.on_ebt_result, sites.result, false));
    probes.push_back(attach(programs.on_ebt_policy, sites.policy, false));
    xt_.at(static_cast<std::size_t>(legacy)) = std::move(probes);
}

void BpfProbes::attach_nft_changes() {
    const probesite::ProbePoint commit{"nf_tables_commit", 0};
    changes_.push_back(attach(object_->progs.on_nft_committed, commit, true));
    changes_.push_back(attach(object_->progs.on_nft_commit, commit, false));
}

void BpfProbes::attach_xt_changes() {
    const probesite::ProbePoint replace{"xt_replace_table", 0};
    changes_.push_back(attach(object_->progs.on_xt_replaced, replace, true));
    changes_.push_back(attach(object_->progs.on_xt_replace, replace, false));
}

void BpfProbes::attach_drops() {
    if (!types_.tracepoint_arguments(drop_tracepoint))
        throw Error(Failure::lab, "this kernel's type information has no tracepoint kfree_skb");
    begin_libbpf_log();
    auto& programs = object_->progs;
    drops_.reset(bpf_program__attach_raw_tracepoint(
        tells_drop_reasons(types_) ? programs.on_drop_reason : programs.on_drop, drop_tracepoint));
    if (!drops_)
        throw Error(Failure::lab,
                    "the kernel does not take a program at the tracepoint kfree_skb: " +
                        libbpf_failure(errno));
}

void BpfProbes::attach_hooks() {
    const probesite::ProbePoint walk{"nf_hook_slow", 0};
    Kprobes probes;
    probes.push_back(attach(object_->progs.on_hook_done, walk, true));
    probes.push_back(attach(object_->progs.on_hook, walk, false));
    hooks_ = std::move(probes);
}

void BpfProbes::attach_flowtables() {
    Kprobes probes;
    for (const char* function : {"nf_flow_offload_ip_hook", "nf_flow_offload_ipv6_hook"}) {
        probes.push_back(attach(object_->progs.on_flow_done, {function, 0}, true));
        probes.push_back(attach(object_->progs.on_flow, {function, 0}, false));
    }
    flowtables_ = std::move(probes);
}

void BpfProbes::attach_ebt_changes() {
    // What EBT_SO_SET_ENTRIES comes to, with the user's own request or its compat form.
    const probesite::ProbePoint replace{"do_replace_finish", 0};
    changes_.push_back(attach(object_->progs.on_ebt_replaced, replace, true));
    changes_.push_back(attach(object_->progs.on_ebt_replace, replace, false));
}

void BpfProbes::detach_nft() {
    nft_.clear();
}

void BpfProbes::detach_decoy() {
    decoy_.clear();
}

void BpfProbes::detach_xt(Legacy legacy) {
    xt_.at(static_cast<std::size_t>(legacy)).clear();
}

int BpfProbes::events_fd() const {
    return buffer_->fd();
}

void BpfProbes::drain(const std::function<void(const nfv_event&)>& sink) {
    if (!walks_.empty())
        return drain_with_walks(sink);
    buffer_->drain(sink);
}

// Programs at entries and exits have buffers of their own, and do not count transactions: of these
// it is known which were over at the drain before this one, and which had begun by now.
void BpfProbes::drain_with_walks(const std::function<void(const nfv_event&)>& sink) {
    std::vector<nfv_event> events;
    const std::function<void(const nfv_event&)> keep = [&](const nfv_event& event) {
        events.push_back(event);
    };
    const Moments before = moments();
    buffer_->drain(keep);
    const std::size_t stamped = events.size();
    for (auto& [walk, probe] : walks_)
        probe.drain(keep);
    const Moments after = moments();
    for (auto event = events.begin() + static_cast<std::ptrdiff_t>(stamped); event != events.end();
         ++event) {
        event->moment = {after[event->ruleset][event->slot].started,
                         drained_[event->ruleset][event->slot].finished};
    }
    drained_ = before;
    std::stable_sort(events.begin(), events.end(),
                     [](const nfv_event& a, const nfv_event& b) { return a.time < b.time; });
    for (const nfv_event& event : events)
        sink(event);
}

void BpfProbes::attach_walk(Walk walk) {
    walks_.try_emplace(walk, walk, types_);
}

Generations BpfProbes::generations(nfv_ruleset ruleset) {
    const auto load = [](const std::uint32_t& value) {
        return __atomic_load_n(&value, __ATOMIC_ACQUIRE);
    };
    Generations now{};
    for (std::size_t slot = 0; slot < now.size(); ++slot) {
        const auto& from = object_->bss->moments[ruleset][slot];
        // The end first: what has ended by then has begun as well.
        const std::uint32_t finished = load(from.finished);
        now[slot] = {load(from.started), finished};
    }
    return now;
}

BpfProbes::Moments BpfProbes::moments() {
    return {generations(NFV_RULESET_NFT), generations(NFV_RULESET_XT)};
}

// What a probe has missed goes with it: so it is added up while the probe is there.
std::uint64_t BpfProbes::missed_hits() {
    std::vector<Kprobe*> asked;
    auto& data = *object_->bss;
    const auto ask = [&](Kprobes& probes) {
        for (Kprobe& probe : probes)
            if (probe.event >= 0 && asked.size() < std::size(data.probe_fds)) {
                data.probe_fds[asked.size()] = probe.event;
                asked.push_back(&probe);
            }
    };
    for (Kprobes* some : {&nft_, &decoy_, &passed_, &changes_, &hooks_, &flowtables_})
        ask(*some);
    for (Kprobes& some : xt_)
        ask(some);
    if (asked.size() < std::size(data.probe_fds))
        data.probe_fds[asked.size()] = -1;
    const int program = bpf_program__fd(object_->progs.count_missed);
    LIBBPF_OPTS(bpf_test_run_opts, options);
    if (program < 0 || bpf_prog_test_run_opts(program, &options) != 0)
        return missed_;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const std::uint64_t now = data.probe_missed[i];
        missed_ += now - std::exchange(asked[i]->missed, now);
    }
    return missed_;
}

std::uint64_t BpfProbes::lost() {
    std::uint64_t count = __atomic_load_n(&object_->bss->lost, __ATOMIC_ACQUIRE) + missed_hits();
    for (const Object* object : {&object_, &decoy_object_})
        if (*object)
            count += missed_runs(*(*object)->obj);
    for (const auto& [walk, probe] : walks_)
        count += probe.lost();
    return count;
}

} // namespace nflab::nfverdict
