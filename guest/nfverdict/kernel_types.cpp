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

const btf_type* find_struct(const btf* types, const std::string& name) {
    const int id = types ? btf__find_by_name_kind(types, name.c_str(), BTF_KIND_STRUCT) : -1;
    return id < 0 ? nullptr : btf__type_by_id(types, static_cast<std::uint32_t>(id));
}

} // namespace

void KernelTypes::Free::operator()(btf* types) const {
    btf__free(types);
}

KernelTypes::KernelTypes() {
    if (std::filesystem::exists("/sys/kernel/btf/vmlinux"))
        kernel_.reset(btf__load_vmlinux_btf());
    if (!kernel_)
        throw Error(Failure::lab, "this kernel has no type information (/sys/kernel/btf/vmlinux)",
                    "it must be built with CONFIG_DEBUG_INFO_BTF=y");
}

KernelTypes::~KernelTypes() {
    modules_.clear(); // they refer to the kernel's
}

const btf* KernelTypes::module_types(const std::string& module) {
    const auto found = modules_.find(module);
    if (found != modules_.end())
        return found->second.get();
    btf* types = nullptr;
    if (std::filesystem::exists("/sys/kernel/btf/" + module))
        types = btf__load_module_btf(module.c_str(), kernel_.get());
    return modules_.emplace(module, types).first->second.get();
}

bool KernelTypes::knows_module(const std::string& module) {
    return module_types(module) != nullptr;
}

std::optional<std::uint32_t> KernelTypes::offset(const std::string& module, const std::string& type,
                                                 const std::string& member) {
    for (const btf* types : {module_types(module), static_cast<const btf*>(kernel_.get())})
        if (const btf_type* found = find_struct(types, type))
            return find_member(types, found, member);
    return {};
}

std::optional<std::uint32_t> KernelTypes::size(const std::string& module, const std::string& type) {
    for (const btf* types : {module_types(module), static_cast<const btf*>(kernel_.get())})
        if (const btf_type* found = find_struct(types, type))
            return found->size;
    return {};
}

} // namespace nflab::nfverdict
