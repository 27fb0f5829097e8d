// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/engines/engine.hpp"

#include <nlohmann/json.hpp>

namespace nflab::nfverdict {

using Outcome = TestResult::Outcome;

bool Engine::sound() const {
    return !loaded || (method && test.outcome != Outcome::failed);
}

bool Engine::proven() const {
    return !method || test.outcome == Outcome::passed;
}

bool Engine::waits_for_test() const {
    return method && test.outcome == Outcome::too_early;
}

nlohmann::json Engine::describe() const {
    nlohmann::json entry{{"engine", name}};
    if (!method) {
        entry["refused"] = refusal;
        return entry;
    }
    entry["method"] = method;
    entry["sites"] = places;
    entry["build_id"] = build_id;
    entry["checks"] = checks;
    entry["self_test"] = fmt::format("{}: {}", word(test.outcome), test.detail);
    return entry;
}

const char* word(Outcome outcome) {
    switch (outcome) {
    case Outcome::passed:
        return "passed";
    case Outcome::failed:
        return "failed";
    case Outcome::not_possible:
        return "not possible";
    case Outcome::too_early:
        break;
    }
    return "too early";
}

std::string to_text(const probesite::ProbePoint& point) {
    return fmt::format("{}+{:#x}", point.symbol, point.offset);
}

} // namespace nflab::nfverdict
