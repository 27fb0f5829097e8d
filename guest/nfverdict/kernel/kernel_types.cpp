// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/kernel_types.hpp"

#include "harness/base/error.hpp"
#include "harness/base/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

namespace nflab::nfverdict {
namespace {

// Empty when there is none. These files say how large they are.
std::vector<std::uint8_t> read_types(const std::string& module) {
    const UniqueFd file(::open(("/sys/kernel/btf/" + module).c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0)
        return {};
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size));
    std::size_t size = 0;
    while (size < bytes.size()) {
        const ssize_t got = ::read(file.get(), bytes.data() + size, bytes.size() - size);
        if (got <= 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    bytes.resize(size);
    return bytes;
}

} // namespace

KernelTypes::KernelTypes() {
    auto bytes = read_types("vmlinux");
    if (bytes.empty())
        throw Error(Failure::lab, "this kernel has no type information (/sys/kernel/btf/vmlinux)",
                    "it must be built with CONFIG_DEBUG_INFO_BTF=y");
    const TypeInfo types(bytes);
    kernel_ = std::make_unique<const Types>(Types{std::move(bytes), types});
}

const TypeInfo* KernelTypes::module_types(const std::string& module) {
    auto found = modules_.find(module);
    if (found == modules_.end()) {
        found = modules_.emplace(module, nullptr).first;
        if (auto bytes = module.empty() ? std::vector<std::uint8_t>() : read_types(module);
            !bytes.empty()) {
            const TypeInfo types(bytes, &kernel_->types);
            found->second = std::make_unique<const Types>(Types{std::move(bytes), types});
        }
    }
    return found->second ? &found->second->types : nullptr;
}

bool KernelTypes::knows_module(const std::string& module) {
    return module_types(module) != nullptr;
}

std::pair<const TypeInfo*, TypeInfo::Id> KernelTypes::find(const std::string& module,
                                                           const std::string& type) {
    for (const TypeInfo* types : {module_types(module), &kernel_->types})
        if (const auto found = types ? types->structure(type) : std::nullopt)
            return {types, *found};
    return {};
}

std::optional<std::uint32_t> KernelTypes::offset(const std::string& module, const std::string& type,
                                                 const std::string& member) {
    const auto [types, found] = find(module, type);
    return types ? types->offset(found, member) : std::nullopt;
}

std::optional<TypeInfo::Bits> KernelTypes::bits(const std::string& module, const std::string& type,
                                                const std::string& member) {
    const auto [types, found] = find(module, type);
    return types ? types->bits(found, member) : std::nullopt;
}

std::optional<std::uint32_t> KernelTypes::size(const std::string& module, const std::string& type) {
    const auto [types, found] = find(module, type);
    return types ? std::optional(types->size(found)) : std::nullopt;
}

std::optional<std::uint32_t> KernelTypes::member_size(const std::string& module,
                                                      const std::string& type,
                                                      const std::string& member) {
    const auto [types, found] = find(module, type);
    return types ? types->member_size(found, member) : std::nullopt;
}

std::map<std::uint32_t, std::string> KernelTypes::enumerators(const std::string& module,
                                                              const std::string& enumeration) {
    std::map<std::uint32_t, std::string> out;
    const TypeInfo* types = module.empty() ? &kernel_->types : module_types(module);
    const auto id = types ? types->find(BTF_KIND_ENUM, enumeration) : std::nullopt;
    const auto values = id ? types->trailer(*id) : std::span<const std::uint8_t>();
    for (std::size_t at = 0; at < values.size(); at += sizeof(btf_enum)) {
        btf_enum each{};
        std::memcpy(&each, values.data() + at, sizeof(each));
        out.emplace(static_cast<std::uint32_t>(each.val), types->text(each.name_off));
    }
    return out;
}

// typedef void (*btf_trace_NAME)(void *, …), for every tracepoint.
std::optional<std::uint32_t>
KernelTypes::tracepoint_arguments(const std::string& tracepoint) const {
    const TypeInfo& types = kernel_->types;
    const auto id = types.find(BTF_KIND_TYPEDEF, "btf_trace_" + tracepoint);
    if (!id)
        return {};
    const btf_type pointer = types.type(types.type(*id).type);
    const btf_type function = types.type(pointer.type);
    if (BTF_INFO_KIND(pointer.info) != BTF_KIND_PTR ||
        BTF_INFO_KIND(function.info) != BTF_KIND_FUNC_PROTO || BTF_INFO_VLEN(function.info) == 0)
        return {};
    return BTF_INFO_VLEN(function.info) - 1U;
}

std::optional<std::vector<std::string>> KernelTypes::parameters(const std::string& module,
                                                                const std::string& function) {
    const TypeInfo* types = module_types(module);
    const auto id = types ? types->find(BTF_KIND_FUNC, function) : std::nullopt;
    if (!id)
        return {};
    const auto values = types->trailer(types->type(*id).type);
    std::vector<std::string> names;
    for (std::size_t at = 0; at + sizeof(btf_param) <= values.size(); at += sizeof(btf_param)) {
        btf_param each{};
        std::memcpy(&each, values.data() + at, sizeof(each));
        names.emplace_back(types->text(each.name_off));
    }
    return names;
}

} // namespace nflab::nfverdict
