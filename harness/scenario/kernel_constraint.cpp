// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/kernel_constraint.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace nflab::scenario {

namespace {

/// Numbers apart by dots; `rest` is what follows the last of them.
std::optional<Release> take_numbers(std::string_view text, std::string_view& rest) {
    Release numbers;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (true) {
        int number = 0;
        const auto [after, error] = std::from_chars(at, end, number);
        if (error != std::errc{} || number < 0)
            break;
        numbers.push_back(number);
        at = after;
        const bool more = end - at >= 2 && at[0] == '.' && at[1] >= '0' && at[1] <= '9';
        if (!more)
            break;
        ++at;
    }
    rest = {at, static_cast<std::size_t>(end - at)};
    if (numbers.empty())
        return std::nullopt;
    return numbers;
}

/// Below, at or above zero, by the numbers that `bound` has; those that `release` lacks are 0.
int compare(const Release& release, const Release& bound) {
    for (std::size_t i = 0; i < bound.size(); ++i) {
        const int ours = i < release.size() ? release[i] : 0;
        if (ours != bound[i])
            return ours < bound[i] ? -1 : 1;
    }
    return 0;
}

} // namespace

std::optional<Release> parse_release(std::string_view text) {
    std::string_view rest;
    return take_numbers(text, rest);
}

std::optional<KernelConstraint::Comparison>
KernelConstraint::parse_comparison(std::string_view word) {
    static constexpr std::pair<std::string_view, Operator> operators[] = {
        {">=", Operator::at_least}, {"<=", Operator::at_most}, {"!=", Operator::unequal},
        {"==", Operator::equal},    {">", Operator::above},    {"<", Operator::below},
        {"=", Operator::equal},
    };
    for (const auto& [spelling, op] : operators) {
        if (word.substr(0, spelling.size()) != spelling)
            continue;
        std::string_view rest;
        auto numbers = take_numbers(word.substr(spelling.size()), rest);
        if (!numbers || !rest.empty())
            return std::nullopt;
        return Comparison{op, std::move(*numbers)};
    }
    return std::nullopt;
}

std::optional<KernelConstraint> KernelConstraint::parse(std::string_view text) {
    static constexpr std::string_view blanks = " \t,";
    KernelConstraint constraint;
    for (auto start = text.find_first_not_of(blanks); start != std::string_view::npos;
         start = text.find_first_not_of(blanks, start)) {
        const auto end = std::min(text.find_first_of(blanks, start), text.size());
        auto comparison = parse_comparison(text.substr(start, end - start));
        if (!comparison)
            return std::nullopt;
        constraint.comparisons_.push_back(std::move(*comparison));
        start = end;
    }
    if (constraint.comparisons_.empty())
        return std::nullopt;
    return constraint;
}

bool KernelConstraint::admits(std::string_view release) const {
    const auto numbers = parse_release(release);
    if (!numbers)
        return false;
    return std::all_of(comparisons_.begin(), comparisons_.end(), [&](const Comparison& wanted) {
        const int order = compare(*numbers, wanted.release);
        switch (wanted.op) {
        case Operator::at_least:
            return order >= 0;
        case Operator::above:
            return order > 0;
        case Operator::at_most:
            return order <= 0;
        case Operator::below:
            return order < 0;
        case Operator::equal:
            return order == 0;
        case Operator::unequal:
            return order != 0;
        }
        return false;
    });
}

} // namespace nflab::scenario
