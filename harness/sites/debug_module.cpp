// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/sites/debug_module.hpp"

#include "harness/base/unique_fd.hpp"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <map>
#include <span>
#include <stdexcept>

namespace nflab::sites {

namespace {

using probesite::Gpr;
using Agreement = DebugFinding::Agreement;
using Kind = DebugLocation::Kind;
using Operations = std::span<const Dwarf_Op>;

/// Register numbers of the System V ABI for x86-64, figure 3.36.
constexpr std::array<Gpr, 16> dwarf_registers = {
    Gpr::rax, Gpr::rdx, Gpr::rcx, Gpr::rbx, Gpr::rsi, Gpr::rdi, Gpr::rbp, Gpr::rsp,
    Gpr::r8,  Gpr::r9,  Gpr::r10, Gpr::r11, Gpr::r12, Gpr::r13, Gpr::r14, Gpr::r15};
constexpr unsigned dwarf_rsp = 7;

std::optional<unsigned> plain_register(const Dwarf_Op& operation) {
    if (operation.atom >= DW_OP_reg0 && operation.atom <= DW_OP_reg31)
        return operation.atom - DW_OP_reg0;
    if (operation.atom == DW_OP_regx)
        return static_cast<unsigned>(operation.number);
    return {};
}

struct BaseAndOffset {
    unsigned base;
    std::int64_t offset;
};

std::optional<BaseAndOffset> register_offset(const Dwarf_Op& operation) {
    if (operation.atom >= DW_OP_breg0 && operation.atom <= DW_OP_breg31)
        return BaseAndOffset{operation.atom - unsigned{DW_OP_breg0},
                             static_cast<std::int64_t>(operation.number)};
    if (operation.atom == DW_OP_bregx)
        return BaseAndOffset{static_cast<unsigned>(operation.number),
                             static_cast<std::int64_t>(operation.number2)};
    return {};
}

DebugLocation in_register(unsigned number) {
    if (number >= dwarf_registers.size())
        return {Kind::other, Gpr::rax, 0, fmt::format("DWARF register {}", number)};
    const Gpr reg = dwarf_registers.at(number);
    return {Kind::reg, reg, 0, to_text(probesite::Location{probesite::Location::Kind::reg, reg})};
}

DebugLocation at_rsp(std::int64_t offset) {
    return {Kind::memory, Gpr::rsp, offset,
            to_text(probesite::Location{probesite::Location::Kind::stack, Gpr::rsp,
                                        static_cast<std::int32_t>(offset)})};
}

/// DW_OP_entry_value holds an expression of its own: the register, if it is a plain one.
DebugLocation on_entry(Operations operations, Dwarf_Attribute& attribute) {
    Dwarf_Attribute inner{};
    Dwarf_Op* inside = nullptr;
    std::size_t length = 0;
    const bool whole = operations.size() == 1 ||
                       (operations.size() == 2 && operations[1].atom == DW_OP_stack_value);
    if (whole && dwarf_getlocation_attr(&attribute, operations.data(), &inner) == 0 &&
        dwarf_getlocation(&inner, &inside, &length) == 0 && length == 1) {
        const auto number = plain_register(*inside);
        if (number && *number < dwarf_registers.size()) {
            DebugLocation location = in_register(*number);
            return {Kind::entry, location.reg, 0,
                    fmt::format("what {} was on entry", location.text)};
        }
    }
    return {Kind::other, Gpr::rax, 0, "what it was on entry"};
}

/// `cfa` is the canonical frame address less rsp, where it is known.
DebugLocation read_location(Operations operations, Dwarf_Attribute& attribute,
                            std::optional<std::int64_t> cfa) {
    const Dwarf_Op& first = operations.front();
    if (operations.size() == 1) {
        if (const auto number = plain_register(first))
            return in_register(*number);
        if (const auto place = register_offset(first); place && place->base == dwarf_rsp)
            return at_rsp(place->offset);
        if (first.atom == DW_OP_fbreg && cfa)
            return at_rsp(*cfa + static_cast<std::int64_t>(first.number));
    }
    if (operations.size() == 2 && operations[1].atom == DW_OP_stack_value) {
        const auto place = register_offset(first);
        if (place && place->offset == 0)
            return in_register(place->base);
    }
    if (first.atom == DW_OP_entry_value || first.atom == DW_OP_GNU_entry_value)
        return on_entry(operations, attribute);
    return {Kind::other, Gpr::rax, 0, fmt::format("expression of operation {:#x}", first.atom)};
}

std::optional<probesite::Location> place_of(const DebugLocation& location) {
    using Where = probesite::Location::Kind;
    if (location.kind == Kind::reg)
        return probesite::Location{Where::reg, location.reg};
    if (location.kind == Kind::memory)
        return probesite::Location{Where::stack, Gpr::rsp,
                                   static_cast<std::int32_t>(location.offset)};
    return {};
}

/// The variables that stand in for the values: nf_tables_core.c, ip_tables.c and their like.
const std::map<std::string, std::string> variables = {
    {"rule", "rule"},   {"pkt", "pkt"},        {"base chain", "priv"},
    {"chain", "chain"}, {"registers", "regs"}, {"entry", "e"},
    {"skb", "skb"},     {"table", "table"},    {"state", "state"}};

} // namespace

struct DebugModule::Handle {
    Dwfl* dwfl = nullptr;
    Dwfl_Module* module = nullptr;
    std::map<std::string, Dwarf_Addr> functions; ///< addresses as libdwfl lays the sections out

    ~Handle() {
        if (dwfl)
            dwfl_end(dwfl);
    }

    std::optional<std::int64_t> cfa_from_rsp(Dwarf_Addr address) const {
        Dwarf_Addr bias = 0;
        Dwarf_CFI* cfi = dwfl_module_dwarf_cfi(module, &bias);
        Dwarf_Frame* found = nullptr;
        if (!cfi || dwarf_cfi_addrframe(cfi, address - bias, &found) != 0)
            return {};
        const std::unique_ptr<Dwarf_Frame, decltype(&std::free)> frame(found, &std::free);
        Dwarf_Op* operations = nullptr;
        std::size_t count = 0;
        if (dwarf_frame_cfa(frame.get(), &operations, &count) != 0 || count != 1)
            return {};
        const auto place = register_offset(operations[0]);
        if (!place || place->base != dwarf_rsp)
            return {};
        return place->offset;
    }
};

DebugModule::DebugModule(std::string_view bytes) : handle_(std::make_unique<Handle>()) {
    UniqueFd file(::memfd_create("debug-module", MFD_CLOEXEC));
    for (std::string_view rest = bytes; !rest.empty();) {
        const ssize_t written = ::write(file.get(), rest.data(), rest.size());
        if (written <= 0)
            throw std::runtime_error("no memory for the debug symbols");
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    static const Dwfl_Callbacks callbacks = {
        .find_elf = nullptr,
        .find_debuginfo = [](auto...) { return -1; }, // they are in the file itself
        .section_address = dwfl_offline_section_address,
        .debuginfo_path = nullptr,
    };
    handle_->dwfl = dwfl_begin(&callbacks);
    if (handle_->dwfl)
        handle_->module = dwfl_report_offline(handle_->dwfl, "module", "module.ko", file.get());
    if (!handle_->module)
        throw std::runtime_error(fmt::format("no readable module: {}", dwfl_errmsg(-1)));
    file.release(); // libdwfl's now
    dwfl_report_end(handle_->dwfl, nullptr, nullptr);
    Dwarf_Addr bias = 0;
    if (!dwfl_module_getdwarf(handle_->module, &bias))
        throw std::runtime_error(fmt::format("no debug symbols: {}", dwfl_errmsg(-1)));
    const int symbols = dwfl_module_getsymtab(handle_->module);
    for (int i = 0; i < symbols; ++i) {
        GElf_Sym symbol{};
        const char* name = dwfl_module_getsym(handle_->module, i, &symbol, nullptr);
        if (name && GELF_ST_TYPE(symbol.st_info) == STT_FUNC)
            handle_->functions.emplace(name, symbol.st_value);
    }
}

DebugModule::~DebugModule() = default;

DebugLocation DebugModule::find(const probesite::ProbePoint& point,
                                const std::string& variable) const {
    const auto function = handle_->functions.find(point.symbol);
    if (function == handle_->functions.end())
        return {Kind::none, Gpr::rax, 0, "no such function"};
    const Dwarf_Addr address = function->second + point.offset;
    Dwarf_Addr bias = 0;
    Dwarf_Die* unit = dwfl_module_addrdie(handle_->module, address, &bias);
    if (!unit)
        return {Kind::none, Gpr::rax, 0, "no compilation unit"};
    Dwarf_Die* found = nullptr;
    const int count = dwarf_getscopes(unit, address - bias, &found);
    const std::unique_ptr<Dwarf_Die, decltype(&std::free)> owner(found, &std::free);
    std::span<Dwarf_Die> scopes(found, count > 0 ? static_cast<std::size_t>(count) : 0);
    // From the inside to the outside; what stands before an inlined function's end is its own.
    for (std::size_t i = 0; i < scopes.size(); ++i) {
        if (dwarf_tag(&scopes[i]) == DW_TAG_inlined_subroutine) {
            scopes = scopes.subspan(i + 1);
            i = static_cast<std::size_t>(-1);
        }
    }
    Dwarf_Die die{};
    if (scopes.empty() || dwarf_getscopevar(scopes.data(), static_cast<int>(scopes.size()),
                                            variable.c_str(), 0, nullptr, 0, 0, &die) < 0)
        return {Kind::none, Gpr::rax, 0, "no such variable"};
    Dwarf_Attribute attribute{};
    Dwarf_Op* operations = nullptr;
    std::size_t length = 0;
    if (!dwarf_attr_integrate(&die, DW_AT_location, &attribute) ||
        dwarf_getlocation_addr(&attribute, address - bias, &operations, &length, 1) != 1 ||
        length == 0)
        return {Kind::none, Gpr::rax, 0, "no place"};
    return read_location({operations, length}, attribute, handle_->cfa_from_rsp(address));
}

Agreement compare(const DescribedValue& value, const DebugLocation& location) {
    const bool in_stack = value.at.kind == probesite::Location::Kind::stack;
    if (location.kind == Kind::reg && !value.is_object)
        return !in_stack && value.at.reg == location.reg ? Agreement::agrees : Agreement::differs;
    if (location.kind == Kind::memory)
        return in_stack && value.at.offset == location.offset ? Agreement::agrees
                                                              : Agreement::differs;
    return Agreement::unknown;
}

namespace {

/// Where the place alone does not agree, the code may.
Agreement agreement(const probesite::ProbePoint& at, const DescribedValue& value,
                    const DebugLocation& location, const CodeEvidence& code) {
    const Agreement of_place = compare(value, location);
    if (value.is_object || of_place == Agreement::agrees)
        return of_place;
    if (location.kind == Kind::entry) {
        const auto handed = code.argument_at(at, value.at);
        return !handed                   ? Agreement::unknown
               : *handed == location.reg ? Agreement::agrees
                                         : Agreement::differs;
    }
    const auto place = place_of(location);
    return place && code.same_value(at, value.at, *place) ? Agreement::agrees : of_place;
}

} // namespace

std::vector<DebugFinding> compare(const Described& described, const DebugModule& module,
                                  const CodeEvidence& code) {
    std::vector<DebugFinding> findings;
    for (const DescribedSite& site : described.sites) {
        for (const DescribedValue& value : site.values) {
            const auto variable = variables.find(value.name);
            if (variable == variables.end())
                continue;
            const DebugLocation location = module.find(site.at, variable->second);
            findings.push_back({site.name, value.name, variable->second, to_text(value.at),
                                location.text, agreement(site.at, value, location, code)});
        }
    }
    return findings;
}

} // namespace nflab::sites
