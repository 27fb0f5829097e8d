// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/sites/described.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nflab::sites {

/// What a compiler says of a variable's place at one instruction.
struct DebugLocation {
    enum class Kind {
        reg,    ///< the value is in `reg`
        memory, ///< the variable is in memory, at [rsp + offset]
        entry,  ///< it is what `reg` held on entry to the function
        other,  ///< none of these: computed, in pieces; see `text`
        none,   ///< the variable has no place here: optimised away, or not live
    };
    Kind kind = Kind::none;
    probesite::Gpr reg = probesite::Gpr::rax;
    std::int64_t offset = 0;
    std::string text; ///< for people
};

/// The DWARF of a kernel module that was not linked yet (ET_REL), as linux-image-…-dbg has it.
class DebugModule {
  public:
    /// `bytes` is the uncompressed file. Throws std::runtime_error when it has no usable DWARF.
    explicit DebugModule(std::string_view bytes);
    ~DebugModule();
    DebugModule(const DebugModule&) = delete;
    DebugModule& operator=(const DebugModule&) = delete;

    /// Where the variable or parameter of the function `point` is in (not of those inlined into it)
    /// is, before the instruction there has run.
    DebugLocation find(const probesite::ProbePoint& point, const std::string& variable) const;

  private:
    struct Handle;
    std::unique_ptr<Handle> handle_;
};

/// One value of one site, as the resolver and as the compiler have it.
struct DebugFinding {
    enum class Agreement {
        agrees, ///< it is the same place, or one that holds a copy of the value
        differs,
        unknown, ///< the compiler does not say where the value is
    };
    std::string site;
    std::string value;
    std::string variable;
    std::string resolved;
    std::string debug;
    Agreement agreement = Agreement::unknown;
};

/// What the code itself says of two values being the same.
struct CodeEvidence {
    /// probesite::same_value
    std::function<bool(const probesite::ProbePoint&, const probesite::Location&,
                       const probesite::Location&)>
        same_value;
    /// probesite::argument_at
    std::function<std::optional<probesite::Gpr>(const probesite::ProbePoint&,
                                                const probesite::Location&)>
        argument_at;
};

/// Compares every value that is a variable in the kernel's source. A variable that was just loaded
/// from the place that is named here is in both, and an argument that the compiler no longer places
/// is known by what it was on entry.
std::vector<DebugFinding> compare(const Described& described, const DebugModule& module,
                                  const CodeEvidence& code);

/// Of the place alone. Pure.
DebugFinding::Agreement compare(const DescribedValue& value, const DebugLocation& location);

} // namespace nflab::sites
