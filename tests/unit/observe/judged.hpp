// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/observe/observe.hpp"

#include <string>
#include <utility>

namespace nflab::test {

struct Asked {
    bool negated = false;
    std::optional<int> count = {};
    const observe::Answer* then = nullptr;
};

inline observe::Answer said(std::string out) {
    observe::Answer answer;
    answer.out = std::move(out);
    return answer;
}

inline observe::Answer complained(std::string err, int exit_code = 1) {
    observe::Answer answer;
    answer.err = std::move(err);
    answer.exit_code = exit_code;
    return answer;
}

inline observe::Judgement judged(scenario::Observation wanted, const observe::Answer& now,
                                 const Asked& asked = {}) {
    scenario::Expectation expectation;
    expectation.at = "router";
    expectation.observation = std::move(wanted);
    expectation.negated = asked.negated;
    expectation.count = asked.count;
    return observe::judge(expectation, now, asked.then);
}

inline bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace nflab::test
