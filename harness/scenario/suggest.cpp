// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/suggest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <limits>

namespace nflab::scenario {

namespace {

/// Beyond this no word that we know is near, and the matrix would only cost time.
constexpr std::size_t longest_word = 64;

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return result;
}

/// The known words that go on after `word` and a '-'.
std::vector<std::string> continuations(std::string_view word,
                                       const std::vector<std::string>& known) {
    std::vector<std::string> found;
    for (const auto& candidate : known) {
        if (!word.empty() && candidate.rfind(std::string(word) + '-', 0) == 0)
            found.push_back('\'' + candidate + '\'');
    }
    return found;
}

bool is_part(std::string_view part, std::string_view whole) {
    return part.size() >= 3 && whole.find(part) != std::string_view::npos;
}

} // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> cost(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
        cost[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j)
        cost[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t differ = a[i - 1] == b[j - 1] ? 0 : 1;
            cost[i][j] =
                std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + differ});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    }
    return cost[a.size()][b.size()];
}

std::string suggest(std::string_view word, const std::vector<std::string>& known) {
    if (known.empty())
        return {};
    if (const auto longer = continuations(word, known); !longer.empty())
        return fmt::format("did you mean {}?", fmt::join(longer, " or "));
    const std::string* best = nullptr;
    std::size_t best_cost = std::numeric_limits<std::size_t>::max();
    for (const auto& candidate : known) {
        if (word.size() > longest_word)
            break;
        std::size_t cost = edit_distance(lower(word), lower(candidate));
        // A third of the word wrong is a typing mistake; more is another word.
        const std::size_t limit = std::max(word.size(), candidate.size()) / 3;
        if (cost > limit) {
            if (!is_part(word, candidate) && !is_part(candidate, word))
                continue;
            cost = limit + 1;
        }
        if (cost < best_cost) {
            best_cost = cost;
            best = &candidate;
        }
    }
    if (best != nullptr)
        return fmt::format("did you mean '{}'?", *best);
    return fmt::format("known: {}", fmt::join(known, ", "));
}

} // namespace nflab::scenario
