// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/probes/fexit_probe.hpp"

#include "guest/nfverdict/kernel/kernel_pages.hpp"
#include "guest/nfverdict/kernel/module_file.hpp"
#include "guest/nfverdict/probes/decoy_sites.hpp"
#include "guest/nfverdict/probes/layout.hpp"
#include "guest/nfverdict/probes/libbpf_log.hpp"
#include "harness/base/error.hpp"

#include <bpf/libbpf.h>
#include <fexit.skel.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

namespace nflab::nfverdict {
namespace {

const char* module_of(Walk walk) {
    switch (walk) {
    case Walk::nft:
        return nf_tables_module.name;
    case Walk::iptables:
        return ip_tables_module.name;
    case Walk::ip6tables:
        return ip6_tables_module.name;
    case Walk::arptables:
        return arp_tables_module.name;
    case Walk::ebtables:
        break;
    }
    return ebtables_module.name;
}

std::vector<std::string> parameters(Walk walk, KernelTypes& types) {
    if (auto names = types.parameters(module_of(walk), function_of(walk)))
        return *names;
    throw Error(Failure::lab,
                fmt::format("the kernel has no type information on {} of {}, which programs at "
                            "its entry and exit need",
                            function_of(walk), module_of(walk)),
                "it must be built with CONFIG_DEBUG_INFO_BTF_MODULES=y");
}

// (skb, state, table), (table, skb, state) or (priv, skb, state), where priv is the table, too.
nfv_walk_arguments arguments(Walk walk, const std::vector<std::string>& names) {
    constexpr std::size_t wanted = 3;
    const auto index = [&](const char* name) {
        return static_cast<std::uint32_t>(std::find(names.begin(), names.end(), name) -
                                          names.begin());
    };
    const nfv_walk_arguments out{index("skb"), index("state"), 0};
    if (names.size() != wanted || out.skb >= wanted || out.state >= wanted)
        throw Error(Failure::lab, fmt::format("the arguments of {} are not as known: {}",
                                              function_of(walk), fmt::join(names, ", ")));
    return {out.skb, out.state, 0 + 1 + 2 - out.skb - out.state};
}

nfv_config configure(Walk walk, KernelTypes& types) {
    const auto names = parameters(walk, types);
    std::vector<std::string> checks;
    nfv_config config{};
    config.pages = kernel_pages(types);
    if (walk == Walk::nft) {
        config.nft_layout = nft_layout(types, decoy_sites(types), checks);
        return config;
    }
    config.walk[static_cast<std::size_t>(walk) - 1] = arguments(walk, names);
    if (walk == Walk::ebtables)
        config.ebt.table_name = ebt_table_name(types);
    else
        config.xt_layout = xt_layout(types, checks);
    return config;
}

} // namespace

const char* function_of(Walk walk) {
    switch (walk) {
    case Walk::nft:
        return "nft_do_chain";
    case Walk::iptables:
        return "ipt_do_table";
    case Walk::ip6tables:
        return "ip6t_do_table";
    case Walk::arptables:
        return "arpt_do_table";
    case Walk::ebtables:
        break;
    }
    return "ebt_do_table";
}

void FexitProbe::Free::operator()(bpf_link* link) const {
    bpf_link__destroy(link);
}

void FexitProbe::Free::operator()(fexit_bpf* object) const {
    fexit_bpf__destroy(object);
}

FexitProbe::FexitProbe(Walk walk, KernelTypes& types) {
    const nfv_config config = configure(walk, types);
    begin_libbpf_log();
    object_.reset(fexit_bpf__open());
    if (!object_)
        throw Error(Failure::lab, "cannot open the BPF programs: " + libbpf_failure(errno));
    std::memcpy(const_cast<nfv_config*>(&object_->rodata->config), &config, sizeof(config));
    const auto& all = object_->progs;
    struct {
        bpf_program *enters, *leaves;
    } const pairs[] = {{all.nft_enters, all.nft_leaves},
                       {all.ipt_enters, all.ipt_leaves},
                       {all.ip6t_enters, all.ip6t_leaves},
                       {all.arpt_enters, all.arpt_leaves},
                       {all.ebt_enters, all.ebt_leaves}};
    const auto& mine = pairs[static_cast<std::size_t>(walk)];
    // In this order: a call that is under way would count as lost.
    for (bpf_program* program : {mine.enters, mine.leaves})
        bpf_program__set_autoload(program, true);
    if (const int error = fexit_bpf__load(object_.get()))
        throw Error(Failure::lab,
                    fmt::format("the kernel does not take programs at entry and exit of {}: {}",
                                function_of(walk), libbpf_failure(-error)));
    for (bpf_program* program : {mine.enters, mine.leaves}) {
        links_.emplace_back(bpf_program__attach(program));
        if (!links_.back())
            throw Error(Failure::lab, fmt::format("the kernel does not take a program at {}: {}",
                                                  function_of(walk), libbpf_failure(errno)));
    }
    buffer_.emplace(bpf_map__fd(object_->maps.events));
}

FexitProbe::~FexitProbe() = default;

void FexitProbe::drain(const std::function<void(const nfv_event&)>& sink) {
    buffer_->drain(sink);
}

std::uint64_t FexitProbe::lost() const {
    return __atomic_load_n(&object_->bss->lost, __ATOMIC_ACQUIRE) + missed_runs(*object_->obj);
}

} // namespace nflab::nfverdict
