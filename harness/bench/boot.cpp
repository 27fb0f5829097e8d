// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/bench/boot.hpp"

#include "harness/base/paths.hpp"
#include "harness/bench/bare_qemu.hpp"
#include "harness/host/accelerator.hpp"
#include "harness/image/image.hpp"
#include "harness/image/initramfs.hpp"
#include "harness/kernel/catalogue.hpp"
#include "harness/kernel/kernel.hpp"
#include "harness/lab/lab.hpp"
#include "harness/lab/session.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace nflab::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

class TemporaryFile {
  public:
    explicit TemporaryFile(const std::string& content)
        : path_(fs::temp_directory_path() / fmt::format("nflab-bench-{}.cpio", ::getpid())) {
        std::ofstream(path_, std::ios::binary) << content;
    }
    ~TemporaryFile() {
        std::error_code ignored;
        fs::remove(path_, ignored);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

scenario::Scenario guests(int count) {
    scenario::Scenario scenario;
    scenario.name = fmt::format("bench-{}", count);
    scenario::Network lan;
    lan.name = "lan";
    lan.subnets = {"192.0.2.0/24"};
    scenario.networks.push_back(lan);
    for (int i = 1; i <= count; ++i) {
        scenario::Node node;
        node.name = fmt::format("guest{}", i);
        node.kind = scenario::NodeKind::vm;
        scenario::Interface interface;
        interface.name = "lan0";
        interface.network = "lan";
        interface.addresses = {fmt::format("192.0.2.{}/24", i)};
        node.interfaces.push_back(interface);
        scenario.nodes.push_back(node);
    }
    return scenario;
}

struct LabTimes {
    double up = 0;
    double down = 0;
    std::uint64_t rss_kib = 0;
};

LabTimes time_lab(int count, const plan::BootFiles& files, plan::Accelerator accelerator) {
    const scenario::Scenario scenario = guests(count);
    const plan::Plan plan = plan::make_plan(
        scenario, files, fmt::format("{}-{}", scenario.name, ::getpid()), accelerator);
    LabTimes times;
    const auto begin = Clock::now();
    auto starting = lab::Starting::start(plan, [](const lab::Event&) {});
    times.up = seconds_since(begin);
    starting.release();
    for (const lab::NodeStatus& node : lab::Session::connect(plan.lab).status().nodes)
        times.rss_kib = std::max(times.rss_kib, node.memory_kib);
    const auto end = Clock::now();
    lab::end(plan.lab);
    times.down = seconds_since(end);
    return times;
}

} // namespace

BootResult measure_boot(const BootOptions& options, Progress& progress) {
    const auto tell = [&](const std::string& words) { progress.phase(words); };
    const kernel::Kernel kernel = kernel::find(options.kernel, {}, tell);
    const plan::BootFiles files = image::prepare(kernel, scenario::Boot::fast, tell);
    const auto choice = host::choose_accelerator(options.accelerator);
    if (!choice.reason.empty())
        progress.notice("measured under TCG: " + choice.reason);
    const TemporaryFile initramfs(
        image::program_initramfs(kernel::read_text(paths::guest_program("nflab-bench-init")), {}));

    BootResult result;
    result.kernel_release = kernel.release;
    result.accelerator = choice.accelerator == plan::Accelerator::kvm ? "kvm" : "tcg";
    result.guest_memory_mib = scenario::Node{}.memory_mib;
    for (int round = 0; round <= options.rounds; ++round) {
        progress.phase(round == 0 ? "warming the page cache up"
                                  : fmt::format("round {} of {}", round, options.rounds));
        const double bare = boot_bare_qemu(kernel.image, initramfs.path(), choice.accelerator);
        const LabTimes one = time_lab(1, files, choice.accelerator);
        const LabTimes three = time_lab(3, files, choice.accelerator);
        if (round == 0)
            continue;
        result.bare.seconds.push_back(bare);
        result.one_guest.seconds.push_back(one.up);
        result.three_guests.seconds.push_back(three.up);
        result.down.seconds.push_back(one.down);
        result.guest_rss_kib = std::max({result.guest_rss_kib, one.rss_kib, three.rss_kib});
    }
    return result;
}

} // namespace nflab::bench
