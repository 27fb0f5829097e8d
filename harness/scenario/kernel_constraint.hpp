// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Which kernel releases a scenario is for: ">=5.10", "<6.12", ">=5.10 <6.12", "!=6.1.170".
namespace nflab::scenario {

/// Numbers of a release, as many as were written; "6.12.94+deb13-cloud-amd64" is {6, 12, 94}.
using Release = std::vector<int>;

/// The numbers that a release (uname -r) starts with; nothing when it has none.
std::optional<Release> parse_release(std::string_view text);

class KernelConstraint {
  public:
    /// One or more comparisons (>= > <= < = !=) apart by blanks or commas; all must hold.
    /// Nothing when the text is not that.
    static std::optional<KernelConstraint> parse(std::string_view text);

    /// Only as many numbers are compared as the constraint has: 6.12.94 satisfies "=6.12" and
    /// "<=6.12", and does not satisfy ">6.12". A release without numbers satisfies nothing.
    bool admits(std::string_view release) const;

  private:
    enum class Operator { at_least, above, at_most, below, equal, unequal };
    struct Comparison {
        Operator op = Operator::equal;
        Release release;
    };
    static std::optional<Comparison> parse_comparison(std::string_view word);

    std::vector<Comparison> comparisons_;
};

} // namespace nflab::scenario
