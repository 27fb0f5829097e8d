// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nflab::nfverdict {

/// A place in the kernel's code. `module` is empty for the kernel proper.
struct Symbol {
    std::string name;
    std::string module;
    std::uint64_t offset = 0; ///< from the function's start, in bytes

    /// "nf_hook_slow+0x43"; without "+0x0" at the function's start.
    std::string text() const;
};

/// The functions of the kernel and its modules, proc(5) "/proc/kallsyms".
class Kallsyms {
  public:
    /// `breathe` is called now and then, since this takes a while where processors are slow.
    /// Addresses that are all zero (no privilege) leave the table empty.
    static Kallsyms parse(std::istream& lines, const std::function<void()>& breathe = {});
    static Kallsyms read(const std::function<void()>& breathe = {});

    /// Nothing when no function begins within 1 MiB below the address.
    std::optional<Symbol> find(std::uint64_t address) const;
    /// Only the function that begins just there. The nearest one before it is another module's
    /// where the table is older than the function, or was read while a module with an
    /// initialization that is thrown away later was being loaded.
    std::optional<Symbol> function(std::uint64_t address) const;
    std::size_t size() const { return functions_.size(); }

  private:
    struct Function {
        std::uint64_t address = 0;
        std::uint32_t name = 0; ///< in names_
        std::uint16_t module = 0;
    };
    std::vector<Function> functions_; ///< by address
    std::string names_;               ///< each ends with a zero byte
    std::vector<std::string> modules_{""};
};

/// What /proc/modules says of each module that matters to the table: name, state, and address. A
/// module that is still loading has functions that it will throw away.
std::string module_places(std::istream& modules);

/// The name without what the compiler has appended (".isra.0", ".constprop.0", ".part.0", ".cold").
std::string_view source_name(std::string_view function);

} // namespace nflab::nfverdict
