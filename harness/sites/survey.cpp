// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/sites/survey.hpp"

#include "guest/probesite/resolve.hpp"
#include "harness/base/error.hpp"
#include "harness/sites/probed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <mutex>
#include <span>
#include <stdexcept>
#include <thread>
#include <variant>

namespace nflab::sites {

namespace {

std::span<const std::uint8_t> bytes_of(const std::string& file) {
    return {reinterpret_cast<const std::uint8_t*>(file.data()), file.size()};
}

/// Of this thread only: others resolve other kernels meanwhile.
double processor_milliseconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

void compare_with(const std::string& debug, std::span<const std::uint8_t> module,
                  FunctionReport& report) {
    try {
        if (probesite::build_id(bytes_of(debug)) != report.sites.build_id)
            throw std::runtime_error("they are another build's");
        const CodeEvidence code{
            [&](const auto& at, const auto& one, const auto& other) {
                return probesite::same_value(module, report.function, at, one, other);
            },
            [&](const auto& at, const auto& place) {
                return probesite::argument_at(module, report.function, at, place);
            }};
        report.findings = compare(report.sites, DebugModule(debug), code);
    } catch (const std::runtime_error& error) {
        report.debug_problem = error.what();
    }
}

/// The archive lists some packages that it no longer has; the sites are found without them.
Modules debug_modules(const Subject& subject, KernelReport& report) {
    try {
        Modules modules = subject.debug_modules ? subject.debug_modules() : Modules();
        report.has_debug_symbols = !modules.empty();
        return modules;
    } catch (const std::runtime_error& error) {
        report.without_debug_symbols = error.what();
        return {};
    }
}

KernelReport look_at(const Subject& subject) {
    KernelReport report;
    report.release = subject.release;
    report.version = subject.version;
    report.suite = subject.suite;
    report.is_unsigned = subject.is_unsigned;
    try {
        const Modules modules = subject.modules();
        const Modules debug = debug_modules(subject, report);
        report.functions = sites::examine(modules, debug);
    } catch (const GoneFromArchive& error) {
        report.problem = error.what();
        report.is_gone = true;
    } catch (const std::runtime_error& error) {
        report.problem = error.what();
    }
    return report;
}

std::string outcome(const KernelReport& report) {
    if (!report.problem.empty())
        return report.problem;
    std::string words;
    for (const FunctionReport& function : report.functions) {
        words += words.empty() ? "" : ", ";
        if (function.state == FunctionReport::State::absent)
            words += fmt::format("{} absent", function.module);
        else if (function.state == FunctionReport::State::refused)
            words += fmt::format("{} REFUSED", function.function);
        else
            words += fmt::format("{} {:.1f} ms", function.function, function.milliseconds);
    }
    return words;
}

} // namespace

std::vector<FunctionReport> examine(const Modules& modules, const Modules& debug_modules) {
    std::vector<FunctionReport> reports;
    for (const Probed& probed : all_probed()) {
        FunctionReport& report = reports.emplace_back();
        report.module = probed.module;
        report.function = probed.function;
        const auto module = modules.find(probed.module);
        if (module == modules.end())
            continue;
        const auto bytes = bytes_of(module->second);
        report.compiler = compiler_of(bytes);
        const double begin = processor_milliseconds();
        auto answer = probed.resolve(bytes);
        report.milliseconds = processor_milliseconds() - begin;
        if (auto* refusal = std::get_if<probesite::Refusal>(&answer)) {
            report.state = FunctionReport::State::refused;
            report.refusal = std::move(*refusal);
            continue;
        }
        report.state = FunctionReport::State::resolved;
        report.sites = std::move(std::get<Described>(answer));
        const auto debug = debug_modules.find(probed.module);
        if (debug != debug_modules.end())
            compare_with(debug->second, bytes, report);
    }
    return reports;
}

std::vector<KernelReport> survey(const std::vector<Subject>& subjects, unsigned jobs,
                                 const kernel::Progress& progress) {
    std::vector<KernelReport> reports(subjects.size());
    std::atomic<std::size_t> next{0};
    std::mutex telling;
    std::size_t done = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < subjects.size(); i = next++) {
            reports[i] = look_at(subjects[i]);
            const std::lock_guard lock(telling);
            ++done;
            kernel::tell(progress, fmt::format("[{}/{}] {}: {}", done, subjects.size(),
                                               reports[i].release, outcome(reports[i])));
        }
    };
    std::vector<std::thread> workers;
    for (unsigned i = 1; i < std::max(jobs, 1U); ++i)
        workers.emplace_back(work);
    work();
    for (std::thread& worker : workers)
        worker.join();
    return reports;
}

double milliseconds(const KernelReport& report) {
    double sum = 0;
    for (const FunctionReport& function : report.functions)
        sum += function.milliseconds;
    return sum;
}

bool is_clean(const KernelReport& report) {
    return (report.problem.empty() || report.is_gone) &&
           std::all_of(report.functions.begin(), report.functions.end(),
                       [](const FunctionReport& function) {
                           return function.state != FunctionReport::State::refused &&
                                  function.debug_problem.empty() &&
                                  std::none_of(function.findings.begin(), function.findings.end(),
                                               [](const DebugFinding& finding) {
                                                   return finding.agreement ==
                                                          DebugFinding::Agreement::differs;
                                               });
                       });
}

} // namespace nflab::sites
