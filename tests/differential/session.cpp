// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/session.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace nflab::witness {
namespace {

constexpr unsigned attempts = 4;         // of a run in which a witness lost something
constexpr std::size_t shown_at_most = 5; // disagreements of one batch
constexpr std::size_t reduced_at_most = 3;

class Run {
  public:
    explicit Run(const Plan& plan) : plan_(plan), lab_(plan.lab) {
        summary_.kernel = lab_.kernel_release();
        summary_.method = lab_.method();
        summary_.seed = plan.seed;
    }

    Summary all() {
        const auto begin = std::chrono::steady_clock::now();
        for (unsigned number = 1; summary_.packets < plan_.packets; ++number) {
            const unsigned count = std::min(plan_.batch, plan_.packets - summary_.packets);
            if (plan_.only_batch == 0 || plan_.only_batch == number)
                batch(number, count);
            summary_.packets += count;
        }
        summary_.seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        return summary_;
    }

  private:
    // Rules and packets of a batch depend on the seed and its number only, so that each can be
    // replayed alone.
    Case make(unsigned number, unsigned count) const {
        Random random(plan_.seed * 0x100000001b3ULL + number);
        Case made;
        made.ruleset = make_ruleset(random, lab_.features());
        made.shots = make_packets(random, count, !sees_fragments(made.ruleset));
        return made;
    }

    void batch(unsigned number, unsigned count) {
        const Case made = make(number, count);
        ++summary_.batches;
        say(fmt::format("batch {}: {} rules, {} packets", number, made.ruleset.rules(),
                        made.shots.size()));
        Comparison found;
        try {
            found = examine(made, true);
        } catch (const Error& error) {
            if (error.failure() != Failure::bad_input)
                throw;
            ++summary_.refused;
            fmt::print("\nREFUSED ruleset of batch {} of seed {} on {}\n  {}\n", number, plan_.seed,
                       summary_.kernel, error.what());
            return;
        }
        for (const auto& [kind, times] : found.verdicts)
            summary_.verdicts[kind] += times;
        for (const auto& [check, times] : found.compared)
            summary_.compared[check] += times;
        for (const Disagreement& each : found.disagreements) {
            ++summary_.differed[each.check];
            ++(each.unexplained ? summary_.unexplained : summary_.wrong);
        }
        show(number, made, found.disagreements);
    }

    // Both runs of a case, and the witnesses compared.
    Comparison examine(const Case& made, bool counted) {
        const Names names(made.shots);
        const Evidence plain = usable(made, names, false, counted);
        const Evidence traced = usable(made, names, true, counted);
        return compare(made.shots, names, plain, traced);
    }

    Evidence usable(const Case& made, const Names& names, bool under_oracle, bool counted) {
        std::string why;
        for (unsigned i = 0; i < attempts; ++i) {
            Evidence evidence = lab_.run(made.ruleset, made.shots, names, under_oracle);
            if (counted)
                summary_.lost += evidence.lost;
            if (evidence.complaints.empty() && evidence.lost == 0) {
                if (counted) {
                    summary_.records += evidence.records.size();
                    summary_.oracle_lines += evidence.oracle_lines;
                }
                return evidence;
            }
            why = evidence.complaints.empty()
                      ? fmt::format("nfverdict lost {} events", evidence.lost)
                      : evidence.complaints.front();
            summary_.rejected_runs += counted ? 1 : 0;
            say(fmt::format("run rejected and repeated: {}", why));
        }
        throw Error(Failure::lab, fmt::format("no complete run in {} attempts: {}", attempts, why));
    }

    void show(unsigned number, const Case& made, const std::vector<Disagreement>& found) {
        for (std::size_t i = 0; i < std::min(found.size(), shown_at_most); ++i) {
            const Disagreement& first = found[i];
            fmt::print("\n{} by {} ({}) in batch {} of seed {} on {}\n",
                       first.unexplained ? "UNEXPLAINED" : "WRONG", name_of(first.check),
                       first.engine, number, plan_.seed, summary_.kernel);
            if (plan_.questions == 0 || reduced_ >= reduced_at_most ||
                !plan_.lab.nfverdict.empty()) {
                print(first, made, false);
                continue;
            }
            ++reduced_;
            reduced(first, made);
        }
        if (found.size() > shown_at_most)
            fmt::print("… and {} more in this batch\n", found.size() - shown_at_most);
    }

    void reduced(const Disagreement& first, const Case& made) {
        Disagreement last = first;
        unsigned asked = 0;
        const Case small = reduce(
            made,
            [&](const Case& candidate) {
                say(fmt::format("reducing, question {}: {} rules, {} packets", ++asked,
                                candidate.ruleset.rules(), candidate.shots.size()));
                return still(candidate, first, last);
            },
            plan_.questions);
        print(last, small, true);
    }

    bool still(const Case& candidate, const Disagreement& first, Disagreement& last) {
        try {
            const Comparison found = examine(candidate, false);
            for (const Disagreement& each : found.disagreements)
                if (each.check == first.check && each.engine == first.engine &&
                    each.unexplained == first.unexplained) {
                    last = each;
                    return true;
                }
        } catch (const Error& error) {
            if (error.failure() != Failure::bad_input)
                throw;
        }
        return false;
    }

    static void print(const Disagreement& what, const Case& made, bool rules) {
        fmt::print("  packet     {}\n", what.packet);
        if (what.shot >= 0 && static_cast<std::size_t>(what.shot) < made.shots.size())
            fmt::print("  sent       {}\n",
                       describe(made.shots[static_cast<std::size_t>(what.shot)]));
        fmt::print("  nfverdict  {}\n  witness    {}\n", what.nfverdict, what.other);
        if (!rules)
            return;
        fmt::print("  reduced to {} packets and {} rules:\n", made.shots.size(),
                   made.ruleset.rules());
        for (const Shot& shot : made.shots)
            fmt::print("    {}\n", describe(shot));
        fmt::print("{}\n", render_all(made.ruleset));
    }

    void say(const std::string& words) const {
        if (plan_.lab.progress)
            plan_.lab.progress(words);
    }

    const Plan& plan_;
    WitnessLab lab_;
    Summary summary_;
    std::size_t reduced_ = 0;
};

} // namespace

Summary run_witness(const Plan& plan) {
    return Run(plan).all();
}

} // namespace nflab::witness
