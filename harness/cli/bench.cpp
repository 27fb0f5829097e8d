// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/bench/boot.hpp"
#include "harness/cli/bench_attribution.hpp"
#include "harness/cli/bench_library.hpp"
#include "harness/cli/command.hpp"
#include "harness/report/progress_line.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace nflab::cli {
namespace {

void print_row(const char* what, const bench::Samples& samples, const bench::Samples& floor) {
    fmt::print("{:<44} {:>6.2f} {:>6.2f} {:>6.2f}   {:>5.2f}\n", what, samples.least(),
               samples.median(), samples.most(), samples.median() / floor.median());
}

nlohmann::json to_json(const bench::Samples& samples, const bench::Samples& floor) {
    return {{"seconds", samples.seconds},
            {"median", samples.median()},
            {"ratio", samples.median() / floor.median()}};
}

void bench_boot(const bench::BootOptions& options, const Context& context) {
    report::ProgressLine line;
    report::SilentProgress silent;
    const bench::BootResult result = bench::measure_boot(
        options, context.json ? static_cast<Progress&>(silent) : static_cast<Progress&>(line));
    line.clear();
    if (context.json) {
        const nlohmann::json document = {
            {"kernel", result.kernel_release},
            {"accelerator", result.accelerator},
            {"bare_qemu", to_json(result.bare, result.bare)},
            {"one_guest", to_json(result.one_guest, result.bare)},
            {"three_guests", to_json(result.three_guests, result.bare)},
            {"down", to_json(result.down, result.bare)},
            {"guest_rss_kib", result.guest_rss_kib},
            {"guest_memory_mib", result.guest_memory_mib}};
        fmt::print("{}\n", document.dump(2));
        return;
    }
    fmt::print("{} under {}, {} rounds in turns; seconds\n\n{:<44} {:>6} {:>6} {:>6}   {:>5}\n",
               result.kernel_release, result.accelerator, result.bare.seconds.size(), "", "min",
               "median", "max", "ratio");
    print_row("bare QEMU, bzImage: first line of user space", result.bare, result.bare);
    print_row("one guest: start of the lab to agent ready", result.one_guest, result.bare);
    print_row("three guests", result.three_guests, result.bare);
    print_row("nflab down", result.down, result.bare);
    fmt::print("\nresident memory of a guest with {} MiB: {} MiB\n", result.guest_memory_mib,
               result.guest_rss_kib / 1024);
}

} // namespace

void add_bench(CLI::App& app, Context& context) {
    CLI::App* bench = app.add_subcommand("bench", "Measure, each figure beside its baseline");
    bench->require_subcommand(1);
    add_bench_attribution(*bench, context);
    add_bench_library(*bench, context);
    auto options = std::make_shared<bench::BootOptions>();
    CLI::App* boot = bench->add_subcommand(
        "boot", "Labs against a bare QEMU with the distribution's bzImage, in turns");
    boot->add_option("--kernel", options->kernel, "kernel (default: the lock's default)");
    boot->add_option("--accel", options->accelerator, "auto, kvm or tcg")
        ->check(CLI::IsMember({"auto", "kvm", "tcg"}));
    boot->add_option("--rounds", options->rounds, "how often each is measured")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    boot->callback([options, &context] { bench_boot(*options, context); });
}

} // namespace nflab::cli
