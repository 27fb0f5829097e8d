// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/kernel/type_info.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Where the running kernel's structures have their members, from its own type information.
namespace nflab::nfverdict {

class KernelTypes {
  public:
    /// Throws Error(lab) when the kernel has no BTF.
    KernelTypes();
    KernelTypes(const KernelTypes&) = delete;
    KernelTypes& operator=(const KernelTypes&) = delete;

    /// True when the module has type information of its own (5.11 and later).
    bool knows_module(const std::string& module);

    /// Byte offset of a member, also within anonymous members; looked for in the module and in the
    /// kernel itself; only there when `module` is empty. Nothing when the type or the member is not
    /// there.
    std::optional<std::uint32_t> offset(const std::string& module, const std::string& type,
                                        const std::string& member);
    /// As TypeInfo::bits().
    std::optional<TypeInfo::Bits> bits(const std::string& module, const std::string& type,
                                       const std::string& member);
    std::optional<std::uint32_t> size(const std::string& module, const std::string& type);
    /// Bytes that a member takes; not within anonymous members.
    std::optional<std::uint32_t> member_size(const std::string& module, const std::string& type,
                                             const std::string& member);

    /// Names of an enumeration by value, of the module, or of the kernel proper where `module` is
    /// empty; empty when it is not there.
    std::map<std::uint32_t, std::string> enumerators(const std::string& module,
                                                     const std::string& enumeration);

    /// How many values the kernel's tracepoint passes to its probes; nothing when it is not there.
    std::optional<std::uint32_t> tracepoint_arguments(const std::string& tracepoint) const;

    /// Names of the parameters of a module's function; nothing when the module has no type
    /// information, or no such function that could be traced.
    std::optional<std::vector<std::string>> parameters(const std::string& module,
                                                       const std::string& function);

    /// The kernel proper's.
    const TypeInfo& kernel() const { return kernel_->types; }

  private:
    struct Types {
        std::vector<std::uint8_t> bytes;
        TypeInfo types;
    };

    /// nullptr when the module has none.
    const TypeInfo* module_types(const std::string& module);
    /// The structure and the types that it belongs to; nullptr when nobody knows it.
    std::pair<const TypeInfo*, TypeInfo::Id> find(const std::string& module,
                                                  const std::string& type);

    std::unique_ptr<const Types> kernel_;
    std::map<std::string, std::unique_ptr<const Types>> modules_;
};

} // namespace nflab::nfverdict
