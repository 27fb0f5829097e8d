// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/sites/probed.hpp"
#include "harness/sites/survey.hpp"
#include "tests/catch.hpp"
#include "tests/unit/probesite/fixture.hpp"

#include <mutex>
#include <stdexcept>

using namespace nflab;
using State = sites::FunctionReport::State;

namespace {

sites::Modules fixture(const std::string& release, const std::vector<std::string>& names) {
    sites::Modules modules;
    for (const std::string& name : names) {
        const auto bytes = probesite::load_module(release, name);
        modules[name] = std::string(bytes.begin(), bytes.end());
    }
    return modules;
}

sites::Subject subject(const std::string& release) {
    return {release,
            "1-1",
            "sid",
            false,
            [release] {
                return fixture(release, {"nf_tables", "ip_tables", "ip6_tables"});
            },
            {}};
}

} // namespace

TEST_CASE("each function is resolved, refused, or absent with its module") {
    auto modules = fixture("7.3.4+deb13-cloud-amd64", {"nf_tables"});
    modules["ip_tables"] = "damaged";
    const auto reports = sites::examine(modules, {});
    REQUIRE(reports.size() == sites::all_probed().size());
    CHECK(reports[0].state == State::resolved);
    CHECK(reports[0].milliseconds > 0);
    CHECK(reports[1].state == State::refused);
    CHECK(reports[1].refusal.step == "module");
    CHECK(reports[2].state == State::absent);
}

TEST_CASE("debug symbols of another build are not compared with") {
    const auto modules = fixture("7.3.4+deb13-cloud-amd64", {"nf_tables"});
    const auto reports =
        sites::examine(modules, fixture("7.2.13+deb14-cloud-amd64", {"nf_tables"}));
    CHECK(reports[0].findings.empty());
    CHECK(reports[0].debug_problem == "they are another build's");
}

TEST_CASE("a survey looks at every kernel, and one that cannot be had does not stop it") {
    std::vector<sites::Subject> subjects;
    for (const std::string& release : probesite::fixture_releases())
        subjects.push_back(subject(release));
    subjects[1].modules = []() -> sites::Modules { throw std::runtime_error("gone"); };
    subjects[3].modules = []() -> sites::Modules {
        throw sites::GoneFromArchive(Failure::lab, "listed, but gone");
    };
    subjects[2].debug_modules = []() -> sites::Modules { throw std::runtime_error("gone, too"); };
    std::vector<std::string> told;
    const auto reports =
        sites::survey(subjects, 3, [&](const std::string& words) { told.push_back(words); });
    REQUIRE(reports.size() == subjects.size());
    CHECK(told.size() == subjects.size());
    for (std::size_t i = 0; i < reports.size(); ++i) {
        INFO(reports[i].release);
        CHECK(reports[i].release == subjects[i].release);
        CHECK(sites::is_clean(reports[i]) == (i != 1));
    }
    CHECK(reports[1].problem == "gone");
    CHECK(reports[3].is_gone);
    CHECK(reports[2].without_debug_symbols == "gone, too");
}
