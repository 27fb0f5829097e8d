// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nflab::probesite {

/// A byte of a module: sections of a relocatable file have no common address space.
struct Place {
    std::uint32_t section = 0;
    std::uint64_t offset = 0;
    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 misreads defaulted comparisons
    auto operator<=>(const Place&) const = default;
};

struct Section {
    std::string_view name;
    std::uint32_t type = 0; ///< SHT_*
    std::uint32_t link = 0;
    std::uint32_t info = 0;
    std::uint64_t entry_size = 0;
    std::span<const std::uint8_t> data; ///< empty for SHT_NOBITS
};

struct Symbol {
    std::string_view name; ///< a section symbol's name is empty
    Place at;              ///< section 0 when the symbol is undefined
    std::uint64_t size = 0;
    bool function = false;
};

struct Relocation {
    std::uint64_t offset = 0; ///< in the section that is relocated
    std::uint32_t type = 0;   ///< R_X86_64_*
    std::uint32_t symbol = 0; ///< index into ElfModule::symbols()
    std::int64_t addend = 0;
};

/// The parts of a kernel module (ELF64, x86-64, ET_REL) that finding a probe site needs.
/// Refers to the bytes it was made from, which must outlive it. Every index and extent is checked
/// when it is read, so that any bytes at all may be given. Not thread-safe.
class ElfModule {
  public:
    /// Throws Refused when the bytes are not such a file.
    explicit ElfModule(std::span<const std::uint8_t> file);

    [[nodiscard]] const Section* section(std::uint32_t index) const;
    /// The first section of this name, as its index.
    [[nodiscard]] std::optional<std::uint32_t> find_section(std::string_view name) const;
    [[nodiscard]] const std::vector<Symbol>& symbols() const { return symbols_; }
    /// The relocations of a section in the order of their offsets.
    [[nodiscard]] const std::vector<Relocation>& relocations(std::uint32_t section) const;
    /// The relocation whose field starts exactly here, if there is one.
    [[nodiscard]] const Relocation* relocation_at(Place field) const;
    [[nodiscard]] const Symbol* symbol(std::uint32_t index) const;
    /// The name of the function that starts here; empty when none does.
    [[nodiscard]] std::string_view function_at(Place place) const;
    /// Hex of the GNU build-id note; empty when there is none.
    [[nodiscard]] std::string build_id() const;

  private:
    void read_symbols(const Section& table);
    std::vector<Relocation> read_relocations(std::uint32_t target) const;
    static void read_relocations(const Section& table, std::vector<Relocation>& list);

    std::vector<Section> sections_;
    std::vector<Symbol> symbols_;
    /// Only of sections that have been asked for: most are large and nobody's business.
    mutable std::map<std::uint32_t, std::vector<Relocation>> relocations_;
    std::map<Place, std::string_view> functions_;
};

} // namespace nflab::probesite
