// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/type_extract.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>

namespace nflab::nfverdict {
namespace {

using Id = TypeInfo::Id;

template <typename T>
void append(std::vector<std::uint8_t>& out, const T& value) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
    out.insert(out.end(), bytes, bytes + sizeof(value));
}

class Extract {
  public:
    explicit Extract(const TypeInfo& types) : types_(types) {}

    /// The type's id in the new information; copies it and what it consists of first.
    Id copy(Id old) {
        btf_type type = types_.type(old);
        const auto kind = BTF_INFO_KIND(type.info);
        if (kind == BTF_KIND_UNKN)
            return 0;
        if (kind == BTF_KIND_PTR)
            return pointer();
        if (const auto found = copied_.find(old); found != copied_.end())
            return found->second;
        // Members first: nothing embeds itself, so this ends; the new id comes after theirs.
        std::vector<std::uint8_t> trailer;
        switch (kind) {
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
            trailer = copy_members(old);
            break;
        case BTF_KIND_ENUM:
            trailer = copy_values<btf_enum>(old);
            break;
        case BTF_KIND_ENUM64:
            trailer = copy_values<btf_enum64>(old);
            break;
        case BTF_KIND_ARRAY: {
            btf_array array{};
            std::memcpy(&array, types_.trailer(old).data(), sizeof(array));
            array.type = copy(array.type);
            array.index_type = copy(array.index_type);
            append(trailer, array);
            break;
        }
        case BTF_KIND_TYPEDEF:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_RESTRICT:
        case BTF_KIND_TYPE_TAG:
            type.type = copy(type.type);
            break;
        case BTF_KIND_INT:
        case BTF_KIND_FLOAT:
        case BTF_KIND_FWD: {
            const auto bytes = types_.trailer(old);
            trailer.assign(bytes.begin(), bytes.end());
            break;
        }
        default:
            return 0;
        }
        type.name_off = text(type.name_off);
        const Id id = add(type, trailer);
        copied_.emplace(old, id);
        return id;
    }

    std::vector<std::uint8_t> finish() const {
        btf_header header{};
        header.magic = BTF_MAGIC;
        header.version = BTF_VERSION;
        header.hdr_len = sizeof(header);
        header.type_len = static_cast<std::uint32_t>(out_.size());
        header.str_off = header.type_len;
        header.str_len = static_cast<std::uint32_t>(texts_.size());
        std::vector<std::uint8_t> all;
        all.reserve(sizeof(header) + out_.size() + texts_.size());
        append(all, header);
        all.insert(all.end(), out_.begin(), out_.end());
        all.insert(all.end(), texts_.begin(), texts_.end());
        return all;
    }

  private:
    Id add(const btf_type& type, const std::vector<std::uint8_t>& trailer) {
        append(out_, type);
        out_.insert(out_.end(), trailer.begin(), trailer.end());
        return ++last_;
    }

    Id pointer() {
        if (pointer_ == 0) {
            btf_type type{};
            type.info = BTF_KIND_PTR << 24;
            pointer_ = add(type, {});
        }
        return pointer_;
    }

    std::vector<std::uint8_t> copy_members(Id old) {
        std::vector<std::uint8_t> out;
        for (btf_member member : types_.members(old)) {
            member.name_off = text(member.name_off);
            member.type = copy(member.type);
            append(out, member);
        }
        return out;
    }

    template <typename Value>
    std::vector<std::uint8_t> copy_values(Id old) {
        std::vector<std::uint8_t> out;
        const auto bytes = types_.trailer(old);
        for (std::size_t at = 0; at < bytes.size(); at += sizeof(Value)) {
            Value value{};
            std::memcpy(&value, bytes.data() + at, sizeof(value));
            value.name_off = text(value.name_off);
            append(out, value);
        }
        return out;
    }

    std::uint32_t text(std::uint32_t old) {
        if (old == 0)
            return 0;
        const auto [found, fresh] =
            copied_texts_.emplace(old, static_cast<std::uint32_t>(texts_.size()));
        if (fresh) {
            texts_ += types_.text(old);
            texts_ += '\0';
        }
        return found->second;
    }

    const TypeInfo& types_;
    std::vector<std::uint8_t> out_;
    std::string texts_ = std::string(1, '\0');
    std::unordered_map<Id, Id> copied_;
    std::unordered_map<std::uint32_t, std::uint32_t> copied_texts_;
    Id last_ = 0;
    Id pointer_ = 0;
};

bool has_layout(std::uint32_t kind) {
    return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION || kind == BTF_KIND_ENUM ||
           kind == BTF_KIND_ENUM64 || kind == BTF_KIND_TYPEDEF;
}

} // namespace

std::vector<std::uint8_t> extract_types(const TypeInfo& types,
                                        const std::vector<std::string_view>& names) {
    // By the first letter: most types are called something else.
    std::array<std::vector<std::string_view>, 256> wanted;
    for (const std::string_view name : names)
        wanted[static_cast<unsigned char>(name[0])].push_back(name);
    Extract extract(types);
    for (Id id = types.first(); id < types.end(); ++id) {
        const btf_type type = types.type(id);
        if (type.name_off == 0 || !has_layout(BTF_INFO_KIND(type.info)))
            continue;
        const auto& candidates = wanted[types.letter(type.name_off)];
        if (std::any_of(candidates.begin(), candidates.end(), [&](std::string_view name) {
                return types.is_called(type.name_off, name);
            }))
            extract.copy(id);
    }
    return extract.finish();
}

} // namespace nflab::nfverdict
