// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/reduce.hpp"

#include <algorithm>

namespace nflab::witness {
namespace {

class Reducer {
  public:
    Reducer(Case failing, const StillFails& fails, unsigned questions)
        : case_(std::move(failing)), fails_(fails), left_(questions) {}

    Case run() {
        shrink([](Case& c) { return c.shots.size(); },
               [](Case& c, std::size_t at) {
                   c.shots.erase(c.shots.begin() + static_cast<std::ptrdiff_t>(at));
               });
        shrink([](Case& c) { return c.ruleset.tables.size(); },
               [](Case& c, std::size_t at) {
                   c.ruleset.tables.erase(c.ruleset.tables.begin() +
                                          static_cast<std::ptrdiff_t>(at));
               });
        shrink_members([](Table& table) -> std::vector<Chain>& { return table.chains; });
        shrink_rules();
        shrink_members([](Table& table) -> std::vector<Set>& { return table.sets; });
        return case_;
    }

  private:
    // Drops groups of `count(case)` numbered parts; erase(case, i) drops one.
    template <typename Count, typename Erase>
    void shrink(const Count& count, const Erase& erase) {
        for (std::size_t group = std::max<std::size_t>(1, count(case_) / 2); group >= 1;
             group /= 2) {
            for (std::size_t at = 0; at < count(case_) && left_ > 0;) {
                Case smaller = case_;
                const std::size_t end = std::min(at + group, count(smaller));
                for (std::size_t i = end; i > at; --i)
                    erase(smaller, i - 1);
                drop_dangling(smaller.ruleset);
                if (ask(smaller))
                    case_ = std::move(smaller);
                else
                    at += group;
            }
            if (group == 1)
                break;
        }
    }

    template <typename Members>
    void shrink_members(const Members& members) {
        for (std::size_t t = 0; t < case_.ruleset.tables.size(); ++t)
            shrink([&](Case& c) { return members(c.ruleset.tables[t]).size(); },
                   [&](Case& c, std::size_t at) {
                       auto& list = members(c.ruleset.tables[t]);
                       list.erase(list.begin() + static_cast<std::ptrdiff_t>(at));
                   });
    }

    void shrink_rules() {
        for (std::size_t t = 0; t < case_.ruleset.tables.size(); ++t)
            for (std::size_t n = 0; n < case_.ruleset.tables[t].chains.size(); ++n)
                shrink([&](Case& c) { return c.ruleset.tables[t].chains[n].rules.size(); },
                       [&](Case& c, std::size_t at) {
                           auto& rules = c.ruleset.tables[t].chains[n].rules;
                           rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(at));
                       });
    }

    bool ask(const Case& smaller) {
        if (left_ == 0 || smaller.shots.empty())
            return false;
        --left_;
        return fails_(smaller);
    }

    Case case_;
    const StillFails& fails_;
    unsigned left_;
};

} // namespace

Case reduce(Case failing, const StillFails& fails, unsigned questions) {
    return Reducer(std::move(failing), fails, questions).run();
}

} // namespace nflab::witness
