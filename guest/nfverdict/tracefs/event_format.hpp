// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace nflab::nfverdict {

/// Where a trace event has its fields: the file "format" of its directory in tracefs. What is not
/// there, or lies outside of the event's bytes, is 0 or empty. Pure.
class EventFormat {
  public:
    /// Throws Error(lab) on text that is no such file.
    explicit EventFormat(std::string_view text);

    std::uint16_t id() const { return id_; }
    bool has(std::string_view field) const { return fields_.contains(field); }

    std::uint64_t number(std::span<const std::uint8_t> event, std::string_view field) const;
    /// Of a string field; what the kernel could not read is empty.
    std::string text(std::span<const std::uint8_t> event, std::string_view field) const;
    /// All bytes of a field, such as an array's.
    std::span<const std::uint8_t> bytes(std::span<const std::uint8_t> event,
                                        std::string_view field) const;

  private:
    struct Field {
        std::size_t offset = 0;
        std::size_t size = 0;
    };
    std::uint16_t id_ = 0;
    std::map<std::string, Field, std::less<>> fields_;
};

} // namespace nflab::nfverdict
