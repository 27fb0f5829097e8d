// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/probes.hpp"

#include "harness/base/error.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <nfverdict.skel.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace nflab::nfverdict {
namespace {

// libbpf's own account of a failure; shown only when there is one.
std::string& complaint() {
    static std::string text;
    return text;
}

int remember(libbpf_print_level level, const char* format, va_list arguments) {
    constexpr std::size_t enough = 4000;
    if (level == LIBBPF_DEBUG || complaint().size() > enough)
        return 0;
    va_list again;
    va_copy(again, arguments);
    std::string text(
        static_cast<std::size_t>(std::max(0, std::vsnprintf(nullptr, 0, format, again))), '\0');
    va_end(again);
    std::vsnprintf(text.data(), text.size() + 1, format, arguments);
    // The reason stands at the end of a verifier's log.
    constexpr std::size_t tail = 1500;
    complaint() += text.size() > tail ? "…" + text.substr(text.size() - tail) : text;
    return 0;
}

std::string why(int error) {
    return fmt::format("{}{}{}", std::strerror(error), complaint().empty() ? "" : "\n",
                       complaint());
}

} // namespace

void Probes::FreeLink::operator()(bpf_link* link) const {
    bpf_link__destroy(link);
}

void Probes::FreeObject::operator()(nfverdict_bpf* object) const {
    nfverdict_bpf__destroy(object);
}

void Probes::FreeBuffer::operator()(ring_buffer* buffer) const {
    ring_buffer__free(buffer);
}

Probes::Probes(const nfv_config& config) {
    libbpf_set_print(remember);
    complaint().clear();
    object_.reset(nfverdict_bpf__open());
    if (!object_)
        throw Error(Failure::lab, "cannot open the BPF programs: " + why(errno));
    std::memcpy(const_cast<nfv_config*>(&object_->rodata->config), &config, sizeof(config));
    if (const int error = nfverdict_bpf__load(object_.get()))
        throw Error(Failure::lab, "the kernel does not take the BPF programs: " + why(-error),
                    error == -EPERM
                        ? "nfverdict needs root (CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN "
                          "in the initial user namespace)"
                        : "");
    const auto forward = [](void* self, void* data, std::size_t size) {
        if (size >= sizeof(nfv_event))
            (*static_cast<Probes*>(self)->sink_)(*static_cast<const nfv_event*>(data));
        return 0;
    };
    buffer_.reset(ring_buffer__new(bpf_map__fd(object_->maps.events), forward, this, nullptr));
    if (!buffer_)
        throw Error(Failure::lab, "cannot map the ring buffer: " + why(errno));
}

Probes::~Probes() = default;

Probes::Link Probes::attach(bpf_program* program, const probesite::ProbePoint& at, bool on_return) {
    complaint().clear();
    LIBBPF_OPTS(bpf_kprobe_opts, options, .offset = at.offset, .retprobe = on_return, );
    Link link(bpf_program__attach_kprobe_opts(program, at.symbol.c_str(), &options));
    if (!link)
        throw Error(Failure::lab, fmt::format("the kernel does not take a probe at {}+{:#x}: {}",
                                              at.symbol, at.offset, why(errno)));
    return link;
}

void Probes::attach_nft(const probesite::NftSites& sites) {
    Links links;
    links.push_back(attach(object_->progs.on_nft_verdict, sites.verdict.at, false));
    if (sites.traced)
        links.push_back(attach(object_->progs.on_nft_verdict_traced, sites.traced->at, false));
    links.push_back(attach(object_->progs.on_nft_policy, sites.policy.at, false));
    if (sites.policy_traced)
        links.push_back(
            attach(object_->progs.on_nft_policy_traced, sites.policy_traced->at, false));
    nft_ = std::move(links);
}

void Probes::attach_decoy(const probesite::NftSites& sites) {
    Links links;
    links.push_back(
        attach(object_->progs.on_decoy_verdict, {sites.trace_verdict_function, 0}, false));
    links.push_back(
        attach(object_->progs.on_decoy_packet, {sites.trace_packet_function, 0}, false));
    decoy_ = std::move(links);
}

void Probes::attach_passed(const probesite::NftSites& sites) {
    passed_ = attach(object_->progs.on_nft_passed, {sites.trace_packet_function, 0}, false);
}

void Probes::attach_xt(const probesite::IptSites& sites, Legacy legacy) {
    auto& programs = object_->progs;
    struct {
        bpf_program *entered, *matched, *result, *hotdrop;
    } all[] = {
        {nullptr, programs.on_ipt_matched, programs.on_ipt_result, programs.on_ipt_hotdrop},
        {nullptr, programs.on_ip6t_matched, programs.on_ip6t_result, programs.on_ip6t_hotdrop},
        {programs.on_arpt_enter, programs.on_arpt_matched, programs.on_arpt_result, nullptr},
    };
    const auto& mine = all[static_cast<std::size_t>(legacy)];
    Links links;
    // In this order: the other way round, a target that is already running would count as lost.
    if (sites.entered && mine.entered)
        links.push_back(attach(mine.entered, sites.entered->at, false));
    links.push_back(attach(mine.matched, sites.matched, false));
    links.push_back(attach(mine.result, sites.result, false));
    if (sites.hotdrop && mine.hotdrop)
        links.push_back(attach(mine.hotdrop, sites.hotdrop->at, false));
    xt_.at(static_cast<std::size_t>(legacy)) = std::move(links);
}

void Probes::attach_xt(const probesite::EbtSites& sites, Legacy legacy) {
    auto& programs = object_->progs;
    Links links;
    links.push_back(attach(programs.on_ebt_enter, sites.entered.at, false));
    links.push_back(attach(programs.on_ebt_matched, sites.matched, false));
    links.push_back(attach(programs.on_ebt_result, sites.result, false));
    links.push_back(attach(programs.on_ebt_policy, sites.policy, false));
    xt_.at(static_cast<std::size_t>(legacy)) = std::move(links);
}

void Probes::attach_nft_changes() {
    const probesite::ProbePoint commit{"nf_tables_commit", 0};
    changes_.push_back(attach(object_->progs.on_nft_committed, commit, true));
    changes_.push_back(attach(object_->progs.on_nft_commit, commit, false));
}

void Probes::attach_xt_changes() {
    const probesite::ProbePoint replace{"xt_replace_table", 0};
    changes_.push_back(attach(object_->progs.on_xt_replaced, replace, true));
    changes_.push_back(attach(object_->progs.on_xt_replace, replace, false));
}

void Probes::attach_drops(bool reasons) {
    complaint().clear();
    auto& programs = object_->progs;
    drops_.reset(bpf_program__attach_raw_tracepoint(
        reasons ? programs.on_drop_reason : programs.on_drop, "kfree_skb"));
    if (!drops_)
        throw Error(Failure::lab,
                    "the kernel does not take a program at the tracepoint kfree_skb: " +
                        why(errno));
}

void Probes::attach_hooks() {
    const probesite::ProbePoint walk{"nf_hook_slow", 0};
    Links links;
    links.push_back(attach(object_->progs.on_hook_done, walk, true));
    links.push_back(attach(object_->progs.on_hook, walk, false));
    hooks_ = std::move(links);
}

void Probes::attach_flowtables() {
    Links links;
    for (const char* function : {"nf_flow_offload_ip_hook", "nf_flow_offload_ipv6_hook"}) {
        links.push_back(attach(object_->progs.on_flow_done, {function, 0}, true));
        links.push_back(attach(object_->progs.on_flow, {function, 0}, false));
    }
    flowtables_ = std::move(links);
}

void Probes::attach_ebt_changes() {
    // What EBT_SO_SET_ENTRIES comes to, with the user's own request or its compat form.
    const probesite::ProbePoint replace{"do_replace_finish", 0};
    changes_.push_back(attach(object_->progs.on_ebt_replaced, replace, true));
    changes_.push_back(attach(object_->progs.on_ebt_replace, replace, false));
}

void Probes::detach_nft() {
    nft_.clear();
}

void Probes::detach_decoy() {
    decoy_.clear();
}

void Probes::detach_xt(Legacy legacy) {
    xt_.at(static_cast<std::size_t>(legacy)).clear();
}

int Probes::events_fd() const {
    return ring_buffer__epoll_fd(buffer_.get());
}

void Probes::drain(const std::function<void(const nfv_event&)>& sink) {
    sink_ = &sink;
    ring_buffer__consume(buffer_.get());
    sink_ = nullptr;
}

Generation Probes::generation(nfv_ruleset ruleset) const {
    const auto load = [](const std::uint32_t& value) {
        return __atomic_load_n(&value, __ATOMIC_ACQUIRE);
    };
    return {load(object_->bss->started[ruleset]), load(object_->bss->finished[ruleset])};
}

std::uint64_t Probes::lost() const {
    std::uint64_t count = __atomic_load_n(&object_->bss->lost, __ATOMIC_ACQUIRE);
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, object_->obj) {
        bpf_prog_info info{};
        std::uint32_t size = sizeof(info);
        if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0)
            count += info.recursion_misses;
    }
    return count;
}

} // namespace nflab::nfverdict
