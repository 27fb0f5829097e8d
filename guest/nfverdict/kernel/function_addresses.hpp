// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nflab::nfverdict {

/// Where functions of loaded modules begin in memory, from the modules' files and sysfs. For a
/// probe by name the kernel looks through all of its 150,000 symbols, twice, and there are many
/// probes.
class FunctionAddresses {
  public:
    /// `file`: the running module's. What cannot be found out stays unknown.
    void learn(const std::string& module, std::span<const std::uint8_t> file,
               std::initializer_list<std::string_view> functions);

    /// Nothing when it is not known here; the kernel may still know.
    std::optional<std::uint64_t> find(const std::string& function) const;

  private:
    std::map<std::string, std::uint64_t> addresses_;
};

} // namespace nflab::nfverdict
