// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/type_extract.hpp"
#include "guest/nfverdict/kernel/type_info.hpp"
#include "harness/base/error.hpp"
#include "tests/catch.hpp"

#include <cstring>
#include <string>

using namespace nflab::nfverdict;

namespace {

/// Writes type information by hand.
class Types {
  public:
    explicit Types(std::uint32_t first = 1, std::uint32_t first_text = 0)
        : next_(first), first_text_(first_text) {
        if (first_text == 0)
            texts_.push_back('\0');
    }

    std::uint32_t text(const std::string& value) {
        if (value.empty())
            return 0;
        const auto at = first_text_ + static_cast<std::uint32_t>(texts_.size());
        texts_ += value + '\0';
        return at;
    }

    std::uint32_t integer(const std::string& name, std::uint32_t size) {
        const std::uint32_t id = header(name, BTF_KIND_INT, 0, size);
        append(size * 8);
        return id;
    }

    std::uint32_t refer(unsigned kind, const std::string& name, std::uint32_t to) {
        return header(name, kind, 0, to);
    }

    std::uint32_t array(std::uint32_t of, std::uint32_t index, std::uint32_t count) {
        const std::uint32_t id = header("", BTF_KIND_ARRAY, 0, 0);
        append(btf_array{of, index, count});
        return id;
    }

    struct Field {
        std::string name;
        std::uint32_t type;
        std::uint32_t offset;
    };
    std::uint32_t structure(const std::string& name, std::uint32_t size,
                            const std::vector<Field>& fields, unsigned kind = BTF_KIND_STRUCT) {
        const std::uint32_t id = header(name, kind, static_cast<unsigned>(fields.size()), size);
        for (const Field& field : fields)
            append(btf_member{text(field.name), field.type, field.offset * 8});
        return id;
    }

    /// Bit fields of one byte each time, as the compiler's "kind flag" encodes them.
    struct BitField {
        std::string name;
        std::uint32_t type;
        std::uint32_t bit, count;
    };
    std::uint32_t bit_structure(const std::string& name, std::uint32_t size,
                                const std::vector<BitField>& fields) {
        constexpr std::uint32_t flag = 1U << 7; // of the byte that holds the kind
        const std::uint32_t id =
            header(name, BTF_KIND_STRUCT | flag, static_cast<unsigned>(fields.size()), size);
        for (const BitField& field : fields)
            append(btf_member{text(field.name), field.type, field.count << 24 | field.bit});
        return id;
    }

    std::vector<std::uint8_t> finish() const {
        btf_header header{};
        header.magic = BTF_MAGIC;
        header.version = BTF_VERSION;
        header.hdr_len = sizeof(header);
        header.type_len = static_cast<std::uint32_t>(types_.size());
        header.str_off = header.type_len;
        header.str_len = static_cast<std::uint32_t>(texts_.size());
        std::vector<std::uint8_t> out(sizeof(header));
        std::memcpy(out.data(), &header, sizeof(header));
        out.insert(out.end(), types_.begin(), types_.end());
        out.insert(out.end(), texts_.begin(), texts_.end());
        return out;
    }

    std::uint32_t end() const { return next_; }
    std::uint32_t text_end() const {
        return first_text_ + static_cast<std::uint32_t>(texts_.size());
    }

  private:
    std::uint32_t header(const std::string& name, unsigned kind, unsigned count,
                         std::uint32_t size) {
        btf_type type{};
        type.name_off = text(name);
        type.info = kind << 24 | count;
        type.size = size;
        append(type);
        return next_++;
    }

    template <typename T>
    void append(const T& value) {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
        types_.insert(types_.end(), bytes, bytes + sizeof(value));
    }

    std::vector<std::uint8_t> types_;
    std::string texts_;
    std::uint32_t next_;
    std::uint32_t first_text_;
};

// struct inner { u32 a; u32 b; };
// struct outer { struct other *far; union { struct inner in; u32 word; }; u32 last[3]; };
struct Example {
    Types types;
    Example() {
        const auto u32 = types.integer("u32", 4);
        const auto other = types.structure("other", 4, {{"unused", u32, 0}});
        const auto far = types.refer(BTF_KIND_PTR, "", other);
        const auto inner = types.structure("inner", 8, {{"a", u32, 0}, {"b", u32, 4}});
        const auto either =
            types.structure("", 8, {{"in", inner, 0}, {"word", u32, 0}}, BTF_KIND_UNION);
        const auto three = types.array(u32, u32, 3);
        types.structure("outer", 28, {{"far", far, 0}, {"", either, 8}, {"last", three, 16}});
        types.refer(BTF_KIND_TYPEDEF, "outer_t", u32);
    }
};

} // namespace

TEST_CASE("offsets and sizes of members, also within anonymous ones") {
    const auto bytes = Example().types.finish();
    const TypeInfo types(bytes);
    const auto outer = types.structure("outer");
    REQUIRE(outer);
    CHECK(types.size(*outer) == 28);
    CHECK(types.offset(*outer, "far") == 0);
    CHECK(types.offset(*outer, "in") == 8);
    CHECK(types.offset(*outer, "word") == 8);
    CHECK(types.offset(*outer, "last") == 16);
    CHECK_FALSE(types.offset(*outer, "a"));
    CHECK(types.member_size(*outer, "far") == 8);
    CHECK(types.member_size(*outer, "in") == 8);
    CHECK(types.member_size(*outer, "last") == 12);
    CHECK_FALSE(types.structure("out"));
    CHECK_FALSE(types.structure("outer_t"));
}

TEST_CASE("bit fields") {
    Types raw;
    const auto u8 = raw.integer("u8", 1);
    const auto bits = raw.bit_structure(
        "", 2, {{"low", u8, 0, 3}, {"high", u8, 5, 2}, {"across", u8, 7, 2}, {"plain", u8, 8, 0}});
    raw.structure("flags", 6, {{"", bits, 4}});
    const auto bytes = raw.finish();
    const TypeInfo types(bytes);
    const auto flags = types.structure("flags");
    REQUIRE(flags);
    const auto high = types.bits(*flags, "high");
    REQUIRE(high);
    CHECK(high->offset == 4);
    CHECK(high->first == 5);
    CHECK(high->count == 2);
    CHECK(types.bits(*flags, "low")->first == 0);
    CHECK_FALSE(types.bits(*flags, "across"));
    CHECK_FALSE(types.bits(*flags, "plain"));
    CHECK(types.offset(*flags, "plain") == 5);
}

TEST_CASE("a module's types refer to the kernel's") {
    const Example kernel;
    const auto kernel_bytes = kernel.types.finish();
    const TypeInfo base(kernel_bytes);
    Types module(kernel.types.end(), kernel.types.text_end());
    module.structure("mine", 40, {{"base", *base.structure("outer"), 8}});
    const auto module_bytes = module.finish();
    const TypeInfo types(module_bytes, &base);
    const auto mine = types.structure("mine");
    REQUIRE(mine);
    CHECK(types.offset(*mine, "base") == 8);
    CHECK(types.member_size(*mine, "base") == 28);
    CHECK_FALSE(types.structure("outer"));
}

TEST_CASE("extracted types lie as before, and pointers lead nowhere") {
    const auto bytes = Example().types.finish();
    const auto less = extract_types(TypeInfo(bytes), {"outer", "absent"});
    CHECK(less.size() < bytes.size());
    const TypeInfo types(less);
    const auto outer = types.structure("outer");
    REQUIRE(outer);
    CHECK(types.size(*outer) == 28);
    CHECK(types.offset(*outer, "word") == 8);
    CHECK(types.offset(*outer, "last") == 16);
    CHECK(types.member_size(*outer, "last") == 12);
    CHECK(types.member_size(*outer, "far") == 8);
    CHECK(types.structure("inner"));
    CHECK_FALSE(types.structure("other"));
}

TEST_CASE("broken type information is refused") {
    const auto bytes = Example().types.finish();
    for (std::size_t size = 0; size < bytes.size(); size += 7)
        CHECK_THROWS_AS(TypeInfo(std::span(bytes).first(size)), nflab::Error);
    auto other = bytes;
    other[0] = 0;
    CHECK_THROWS_AS(TypeInfo(other), nflab::Error);
}
