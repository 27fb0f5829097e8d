// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/type_info.hpp"

#include "harness/base/error.hpp"

#include <cstring>

namespace nflab::nfverdict {
namespace {

// Types within types, as deep as a kernel could have them; only broken ones go deeper.
constexpr int deepest = 32;
constexpr std::uint32_t byte = 8; // in bits

[[noreturn]] void broken(const char* what) {
    throw Error(Failure::lab, std::string("the kernel's type information is broken: ") + what);
}

bool is_structure(const btf_type& type) {
    const auto kind = BTF_INFO_KIND(type.info);
    return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
}

std::size_t trailer_size(std::uint32_t info) {
    const std::size_t count = BTF_INFO_VLEN(info);
    switch (BTF_INFO_KIND(info)) {
    case BTF_KIND_INT:
    case BTF_KIND_VAR:
    case BTF_KIND_DECL_TAG:
        return sizeof(std::uint32_t);
    case BTF_KIND_ARRAY:
        return sizeof(btf_array);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        return count * sizeof(btf_member);
    case BTF_KIND_ENUM:
        return count * sizeof(btf_enum);
    case BTF_KIND_ENUM64:
        return count * sizeof(btf_enum64);
    case BTF_KIND_FUNC_PROTO:
        return count * sizeof(btf_param);
    case BTF_KIND_DATASEC:
        return count * sizeof(btf_var_secinfo);
    case BTF_KIND_PTR:
    case BTF_KIND_FWD:
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_FUNC:
    case BTF_KIND_FLOAT:
    case BTF_KIND_TYPE_TAG:
        return 0;
    default:
        broken("a kind of type that is not known");
    }
}

template <typename T>
T read(std::span<const std::uint8_t> bytes, std::size_t offset) {
    T value{};
    std::memcpy(&value, bytes.data() + offset, sizeof(value));
    return value;
}

std::uint32_t bit_offset(const btf_type& type, const btf_member& member) {
    return BTF_INFO_KFLAG(type.info) ? BTF_MEMBER_BIT_OFFSET(member.offset) : member.offset;
}

std::uint32_t bit_count(const btf_type& type, const btf_member& member) {
    return BTF_INFO_KFLAG(type.info) ? BTF_MEMBER_BITFIELD_SIZE(member.offset) : 0;
}

} // namespace

TypeInfo::TypeInfo(std::span<const std::uint8_t> bytes, const TypeInfo* base) : base_(base) {
    if (base) {
        first_ = base->end();
        first_text_ = base->first_text_ + static_cast<std::uint32_t>(base->texts_.size());
    }
    if (bytes.size() < sizeof(btf_header))
        broken("too short");
    const auto header = read<btf_header>(bytes, 0);
    const auto fits = [&](std::uint64_t offset, std::uint64_t length) {
        return header.hdr_len <= bytes.size() && offset + length <= bytes.size() - header.hdr_len;
    };
    if (header.magic != BTF_MAGIC || header.version != BTF_VERSION ||
        !fits(header.type_off, header.type_len) || !fits(header.str_off, header.str_len))
        broken("its header");
    const auto body = bytes.subspan(header.hdr_len);
    types_ = body.subspan(header.type_off, header.type_len);
    const auto texts = body.subspan(header.str_off, header.str_len);
    texts_ = {reinterpret_cast<const char*>(texts.data()), texts.size()};
    if (!texts_.empty() && texts_.back() != '\0')
        broken("its names do not end");
    constexpr std::size_t usual_size = 32;
    offsets_.reserve(types_.size() / usual_size);
    for (std::size_t at = 0; at < types_.size();) {
        if (types_.size() - at < sizeof(btf_type))
            broken("a type does not end");
        const auto type = read<btf_type>(types_, at);
        const std::size_t size = sizeof(btf_type) + trailer_size(type.info);
        if (types_.size() - at < size)
            broken("a type does not end");
        offsets_.push_back(static_cast<std::uint32_t>(at));
        if (is_structure(type) && type.name_off != 0)
            structures_.push_back(end() - 1);
        at += size;
    }
}

btf_type TypeInfo::type(Id id) const {
    if (id < first_)
        return base_ ? base_->type(id) : btf_type{};
    return id < end() ? read<btf_type>(types_, offsets_[id - first_]) : btf_type{};
}

std::span<const std::uint8_t> TypeInfo::trailer(Id id) const {
    if (id < first_)
        return base_ ? base_->trailer(id) : std::span<const std::uint8_t>();
    if (id >= end())
        return {};
    const std::size_t at = offsets_[id - first_];
    return types_.subspan(at + sizeof(btf_type), trailer_size(read<btf_type>(types_, at).info));
}

std::vector<btf_member> TypeInfo::members(Id structure) const {
    const auto bytes = trailer(structure);
    std::vector<btf_member> out(is_structure(type(structure)) ? bytes.size() / sizeof(btf_member)
                                                              : 0);
    if (!out.empty())
        std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
}

std::string_view TypeInfo::text(std::uint32_t offset) const {
    if (offset < first_text_)
        return base_ ? base_->text(offset) : std::string_view();
    offset -= first_text_;
    return offset < texts_.size() ? std::string_view(texts_.data() + offset) : std::string_view();
}

unsigned char TypeInfo::letter(std::uint32_t offset) const {
    if (offset < first_text_)
        return base_ ? base_->letter(offset) : 0;
    offset -= first_text_;
    return offset < texts_.size() ? static_cast<unsigned char>(texts_[offset]) : 0;
}

bool TypeInfo::is_called(std::uint32_t offset, std::string_view name) const {
    if (offset < first_text_)
        return base_ && base_->is_called(offset, name);
    offset -= first_text_;
    return offset < texts_.size() && texts_.size() - offset > name.size() &&
           texts_[offset] == name[0] && texts_[offset + name.size()] == '\0' &&
           texts_.compare(offset, name.size(), name) == 0;
}

std::optional<TypeInfo::Id> TypeInfo::structure(std::string_view name) const {
    for (const Id id : structures_)
        if (is_called(type(id).name_off, name))
            return id;
    return {};
}

std::optional<TypeInfo::Id> TypeInfo::find(std::uint32_t kind, std::string_view name) const {
    for (Id id = first_; id < end(); ++id)
        if (const btf_type found = type(id);
            BTF_INFO_KIND(found.info) == kind && text(found.name_off) == name)
            return id;
    return {};
}

std::optional<TypeInfo::Found> TypeInfo::find_member(Id structure, std::string_view name,
                                                     int depth) const {
    const btf_type outer = type(structure);
    for (const btf_member& member : members(structure)) {
        const std::uint32_t here = bit_offset(outer, member);
        const std::string_view seen = text(member.name_off);
        if (seen == name)
            return Found{here, bit_count(outer, member), member.type};
        if (!seen.empty() || depth == deepest)
            continue;
        if (const auto nested = find_member(member.type, name, depth + 1))
            return Found{here + nested->bit, nested->bits, nested->type};
    }
    return {};
}

std::optional<std::uint32_t> TypeInfo::offset(Id structure, std::string_view member) const {
    const auto found = find_member(structure, member);
    return found ? std::optional(found->bit / byte) : std::nullopt;
}

std::optional<TypeInfo::Bits> TypeInfo::bits(Id structure, std::string_view member) const {
    const auto found = find_member(structure, member);
    if (!found || found->bits == 0 || found->bit % byte + found->bits > byte)
        return {};
    return Bits{found->bit / byte, found->bit % byte, found->bits};
}

std::uint32_t TypeInfo::size_of(Id id, int depth) const {
    constexpr std::uint32_t pointer = 8;
    const btf_type found = type(id);
    switch (BTF_INFO_KIND(found.info)) {
    case BTF_KIND_INT:
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
    case BTF_KIND_FLOAT:
        return found.size;
    case BTF_KIND_PTR:
        return pointer;
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_TYPE_TAG:
        return depth < deepest ? size_of(found.type, depth + 1) : 0;
    case BTF_KIND_ARRAY: {
        const auto array = read<btf_array>(trailer(id), 0);
        return depth < deepest ? array.nelems * size_of(array.type, depth + 1) : 0;
    }
    default:
        return 0;
    }
}

std::optional<std::uint32_t> TypeInfo::member_size(Id structure, std::string_view member) const {
    const auto found = find_member(structure, member);
    return found ? std::optional(size_of(found->type)) : std::nullopt;
}

} // namespace nflab::nfverdict
