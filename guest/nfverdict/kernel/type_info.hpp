// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <linux/btf.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace nflab::nfverdict {

/// The kernel's type information (BTF, Documentation/bpf/btf.rst), read as it lies in memory: a
/// kernel has 100,000 types of which a few dozen are of interest, and an emulated guest has no time
/// for the others. Refers to the bytes, which must outlive it. Pure.
class TypeInfo {
  public:
    using Id = std::uint32_t;

    /// `base`: the kernel's own, for a module's; must outlive this. Throws Error(lab) when the
    /// bytes are no type information.
    explicit TypeInfo(std::span<const std::uint8_t> bytes, const TypeInfo* base = nullptr);

    /// A structure or union of this name, here and not in the base.
    std::optional<Id> structure(std::string_view name) const;
    /// Byte offset of a member, also within anonymous members.
    std::optional<std::uint32_t> offset(Id structure, std::string_view member) const;
    /// Where a bit field lies: in the byte at `offset`, from bit `first` on. Nothing for members
    /// that are none, or that reach beyond that byte.
    struct Bits {
        std::uint32_t offset;
        std::uint32_t first;
        std::uint32_t count;
    };
    std::optional<Bits> bits(Id structure, std::string_view member) const;
    /// Of a structure or union, in bytes.
    std::uint32_t size(Id structure) const { return type(structure).size; }
    /// Bytes that a member takes, also within anonymous members; 0 when it has no size.
    std::optional<std::uint32_t> member_size(Id structure, std::string_view member) const;

    /// A type of this kind (BTF_KIND_*) and name, here and not in the base.
    std::optional<Id> find(std::uint32_t kind, std::string_view name) const;

    /// The raw view, for who walks through it. An id that does not exist has kind 0 (void), and
    /// text that does not exist is empty.
    /// @{
    btf_type type(Id id) const;
    /// What follows the type's header, of the size that its kind has.
    std::span<const std::uint8_t> trailer(Id id) const;
    std::vector<btf_member> members(Id structure) const;
    std::string_view text(std::uint32_t offset) const;
    /// Whether text(offset) is this name, which is not empty.
    bool is_called(std::uint32_t offset, std::string_view name) const;
    /// The first of text(offset), or 0.
    unsigned char letter(std::uint32_t offset) const;
    Id first() const { return first_; }
    Id end() const { return first_ + static_cast<Id>(offsets_.size()); }
    /// @}

  private:
    struct Found {
        std::uint32_t bit;  ///< from the structure's beginning
        std::uint32_t bits; ///< of a bit field, or 0
        Id type;
    };
    std::optional<Found> find_member(Id structure, std::string_view member, int depth = 0) const;
    std::uint32_t size_of(Id id, int depth = 0) const;

    const TypeInfo* base_ = nullptr;
    Id first_ = 1;
    std::uint32_t first_text_ = 0;
    std::span<const std::uint8_t> types_;
    std::string_view texts_;
    std::vector<std::uint32_t> offsets_; ///< of each type in types_, by id - first_
    std::vector<Id> structures_;         ///< those that have a name
};

} // namespace nflab::nfverdict
