// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel_types.hpp"

#include "harness/base/error.hpp"

#include <bpf/btf.h>

#include <filesystem>

namespace nflab::nfverdict {
namespace {

std::optional<std::uint32_t> find_member(const btf* types, const btf_type* type,
                                         const std::string& name) {
    const btf_member* member = btf_members(type);
    for (std::uint32_t i = 0; i < btf_vlen(type); ++i, ++member) {
        const std::uint32_t here = btf_member_bit_offset(type, i) / 8;
        const std::string seen = btf__name_by_offset(types, member->name_off);
        if (seen == name)
            return here;
        if (!seen.empty())
            continue;
        const btf_type* inner = btf__type_by_id(types, member->type);
        if (!inner || !btf_is_composite(inner))
            continue;
        if (const auto nested = find_member(types, inner, name))
            return here + *nested;
    }
    return {};
}

} // namespace

void KernelTypes::Free::operator()(btf* types) const {
    btf__free(types);
}

KernelTypes::KernelTypes() {
    if (std::filesystem::exists("/sys/kernel/btf/vmlinux"))
        kernel_ = index(btf__load_vmlinux_btf(), nullptr);
    if (!kernel_.all)
        throw Error(Failure::lab, "this kernel has no type information (/sys/kernel/btf/vmlinux)",
                    "it must be built with CONFIG_DEBUG_INFO_BTF=y");
}

KernelTypes::~KernelTypes() {
    modules_.clear(); // they refer to the kernel's
}

// libbpf would look at each of the kernel's 100,000 types for every question.
KernelTypes::Types KernelTypes::index(btf* types, const btf* base) {
    Types out;
    out.all.reset(types);
    if (!types)
        return out;
    for (std::uint32_t id = base ? btf__type_cnt(base) : 1; id < btf__type_cnt(types); ++id)
        if (const btf_type* type = btf__type_by_id(types, id); btf_is_struct(type))
            out.structures.emplace(btf__name_by_offset(types, type->name_off), type);
    return out;
}

const KernelTypes::Types& KernelTypes::module_types(const std::string& module) {
    const auto found = modules_.find(module);
    if (found != modules_.end())
        return found->second;
    btf* types = nullptr;
    if (!module.empty() && std::filesystem::exists("/sys/kernel/btf/" + module))
        types = btf__load_module_btf(module.c_str(), kernel_.all.get());
    return modules_.emplace(module, index(types, kernel_.all.get())).first->second;
}

bool KernelTypes::knows_module(const std::string& module) {
    return module_types(module).all != nullptr;
}

std::pair<const btf*, const btf_type*> KernelTypes::find(const std::string& module,
                                                         const std::string& type) {
    for (const Types* types : {&module_types(module), static_cast<const Types*>(&kernel_)})
        if (const auto found = types->structures.find(type); found != types->structures.end())
            return {types->all.get(), found->second};
    return {};
}

std::optional<std::uint32_t> KernelTypes::offset(const std::string& module, const std::string& type,
                                                 const std::string& member) {
    const auto [types, found] = find(module, type);
    if (!found)
        return {};
    return find_member(types, found, member);
}

std::optional<std::uint32_t> KernelTypes::size(const std::string& module, const std::string& type) {
    const auto [types, found] = find(module, type);
    if (!found)
        return {};
    return found->size;
}

std::optional<std::uint32_t> KernelTypes::member_size(const std::string& module,
                                                      const std::string& type,
                                                      const std::string& member) {
    const auto [types, found] = find(module, type);
    if (!found)
        return {};
    const btf_member* each = btf_members(found);
    for (std::uint32_t i = 0; i < btf_vlen(found); ++i, ++each)
        if (member == btf__name_by_offset(types, each->name_off))
            if (const auto size = btf__resolve_size(types, each->type); size >= 0)
                return static_cast<std::uint32_t>(size);
    return {};
}

std::map<std::uint32_t, std::string>
KernelTypes::enumerators(const std::string& enumeration) const {
    std::map<std::uint32_t, std::string> out;
    const auto id = btf__find_by_name_kind(kernel_.all.get(), enumeration.c_str(), BTF_KIND_ENUM);
    const btf_type* type = id < 0 ? nullptr : btf__type_by_id(kernel_.all.get(), id);
    for (std::uint32_t i = 0; type && i < btf_vlen(type); ++i)
        out.emplace(static_cast<std::uint32_t>(btf_enum(type)[i].val),
                    btf__name_by_offset(kernel_.all.get(), btf_enum(type)[i].name_off));
    return out;
}

// typedef void (*btf_trace_NAME)(void *, …), for every tracepoint.
std::optional<std::uint32_t>
KernelTypes::tracepoint_arguments(const std::string& tracepoint) const {
    const btf* types = kernel_.all.get();
    const auto id =
        btf__find_by_name_kind(types, ("btf_trace_" + tracepoint).c_str(), BTF_KIND_TYPEDEF);
    const btf_type* type = id < 0 ? nullptr : btf__type_by_id(types, id);
    type = type ? btf__type_by_id(types, type->type) : nullptr;
    if (!type || !btf_is_ptr(type))
        return {};
    type = btf__type_by_id(types, type->type);
    if (!type || !btf_is_func_proto(type) || btf_vlen(type) == 0)
        return {};
    return btf_vlen(type) - 1U;
}

} // namespace nflab::nfverdict
