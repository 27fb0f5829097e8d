// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

struct btf;

/// Where the running kernel's structures have their members, from its own type information.
namespace nflab::nfverdict {

class KernelTypes {
  public:
    /// Throws Error(lab) when the kernel has no BTF.
    KernelTypes();
    ~KernelTypes();
    KernelTypes(const KernelTypes&) = delete;
    KernelTypes& operator=(const KernelTypes&) = delete;

    /// True when the module has type information of its own (5.11 and later).
    bool knows_module(const std::string& module);

    /// Byte offset of a member, also within anonymous members; looked for in the module and in the
    /// kernel itself. Nothing when the type or the member is not there.
    std::optional<std::uint32_t> offset(const std::string& module, const std::string& type,
                                        const std::string& member);
    std::optional<std::uint32_t> size(const std::string& module, const std::string& type);

  private:
    struct Free {
        void operator()(btf* types) const;
    };
    using Types = std::unique_ptr<btf, Free>;

    const btf* module_types(const std::string& module);

    Types kernel_;
    std::map<std::string, Types> modules_;
};

} // namespace nflab::nfverdict
