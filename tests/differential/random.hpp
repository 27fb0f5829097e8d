// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nflab::witness {

/// Random numbers that are the same for the same seed everywhere: the standard library's
/// distributions are not. SplitMix64 (Steele, Lea, Flood, 2014).
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t value = state_;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
        value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
        return value ^ (value >> 31);
    }

    /// 0 … bound − 1; bound must not be 0.
    unsigned below(unsigned bound) { return static_cast<unsigned>(next() % bound); }
    /// first … last, both included.
    int between(int first, int last) {
        return first + static_cast<int>(below(static_cast<unsigned>(last - first + 1)));
    }
    bool percent(unsigned chance) { return below(100) < chance; }

    template <typename T>
    const T& pick(const std::vector<T>& from) {
        return from[below(static_cast<unsigned>(from.size()))];
    }

    /// An index into `weights`, as often as its weight says.
    std::size_t weighted(const std::vector<unsigned>& weights) {
        unsigned sum = 0;
        for (const unsigned weight : weights)
            sum += weight;
        unsigned at = below(sum);
        for (std::size_t i = 0; i < weights.size(); ++i) {
            if (at < weights[i])
                return i;
            at -= weights[i];
        }
        return 0;
    }

  private:
    std::uint64_t state_;
};

} // namespace nflab::witness
