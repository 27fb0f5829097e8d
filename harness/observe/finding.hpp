// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/observe/observe.hpp"

#include <optional>
#include <string>

/// What each kind of observation says to an answer.
namespace nflab::observe {

struct Finding {
    enum class Holds { yes, no, unknown };
    Holds holds = Holds::unknown;
    std::string expected;
    std::string seen;
};

/// `count` is the expectation's, where the kind counts something.
Finding examine(const scenario::CommandOutput& wanted, const Answer& now, std::optional<int> count);
Finding examine(const scenario::CounterValue& wanted, const Answer& now, const Answer* then);
Finding examine(const scenario::ConntrackEntry& wanted, const Answer& now,
                std::optional<int> count);
Finding examine(const scenario::HookOrder& wanted, const Answer& now, std::optional<int> count);
Finding examine(const scenario::Contents& wanted, const Answer& now, std::optional<int> count);
Finding examine(const scenario::KernelLog& wanted, const Answer& now, const Answer* then,
                std::optional<int> count);
Finding examine(const scenario::Unchanged& wanted, const Answer& now, const Answer* then);

Look look_at(const scenario::CommandOutput& wanted);
Look look_at(const scenario::CounterValue& wanted);
Look look_at(const scenario::ConntrackEntry& wanted);
Look look_at(const scenario::HookOrder& wanted);
Look look_at(const scenario::Contents& wanted);
Look look_at(const scenario::KernelLog& wanted);
Look look_at(const scenario::Unchanged& wanted);

} // namespace nflab::observe
