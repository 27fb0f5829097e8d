// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/host/kvm.hpp"

#include "harness/base/paths.hpp"
#include "harness/base/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/kvm.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace nflab::host {
namespace {

// What the child tells by its exit code.
enum class Outcome : int { usable, no_device, no_permission, refused, too_slow, wrong_exit };

constexpr std::size_t memory_size = 1U << 20;
constexpr std::uint64_t pml4 = 0x1000;
constexpr std::uint64_t pdpt = 0x2000;
constexpr std::uint64_t page_directory = 0x3000;
constexpr std::uint64_t code_address = 0x10000;

// mov ecx, 1000000; again: dec rcx; jnz again; out 0xf4, al
constexpr std::uint8_t code[] = {0xb9, 0x40, 0x42, 0x0f, 0x00, 0x48,
                                 0xff, 0xc9, 0x75, 0xfb, 0xe6, 0xf4};

// The page tables and control registers of Intel SDM vol. 3A, 9.8.5 "Initializing IA-32e Mode",
// with one 2 MiB page mapped onto itself.
void write_page_tables(std::uint8_t* memory) {
    const auto entry = [&](std::uint64_t table, std::uint64_t value) {
        std::memcpy(memory + table, &value, sizeof value);
    };
    constexpr std::uint64_t present_writable = 0x3;
    constexpr std::uint64_t large_page = 0x80;
    entry(pml4, pdpt | present_writable);
    entry(pdpt, page_directory | present_writable);
    entry(page_directory, present_writable | large_page);
}

void enter_long_mode(kvm_sregs& sregs) {
    constexpr std::uint64_t cr0_pe_pg = 0x80000001;
    constexpr std::uint64_t cr4_pae = 0x20;
    constexpr std::uint64_t efer_lme_lma = 0x500;
    sregs.cr3 = pml4;
    sregs.cr4 = cr4_pae;
    sregs.cr0 = cr0_pe_pg;
    sregs.efer = efer_lme_lma;
    kvm_segment segment{};
    segment.limit = 0xffffffff;
    segment.selector = 0x8;
    segment.present = 1;
    segment.type = 11;
    segment.s = 1;
    segment.l = 1;
    segment.g = 1;
    sregs.cs = segment;
    segment.type = 3;
    segment.selector = 0x10;
    segment.l = 0;
    sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = segment;
}

// Both timers repeat, so that a signal which arrives just before KVM_RUN is not the last one.
void arm_timers() {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(SIGPROF, &action, nullptr);
    sigaction(SIGALRM, &action, nullptr);
    const itimerval processor{{0, 10'000}, {0, 50'000}};
    const itimerval wall{{0, 10'000}, {0, 400'000}};
    setitimer(ITIMER_PROF, &processor, nullptr);
    setitimer(ITIMER_REAL, &wall, nullptr);
}

Outcome run_guest_loop() {
    const UniqueFd kvm(::open("/dev/kvm", O_RDWR | O_CLOEXEC));
    if (!kvm)
        return errno == EACCES || errno == EPERM ? Outcome::no_permission : Outcome::no_device;
    const UniqueFd vm(::ioctl(kvm.get(), KVM_CREATE_VM, 0));
    if (!vm)
        return Outcome::refused;
    void* memory =
        ::mmap(nullptr, memory_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return Outcome::refused;
    auto* bytes = static_cast<std::uint8_t*>(memory);
    write_page_tables(bytes);
    std::memcpy(bytes + code_address, code, sizeof code);

    kvm_userspace_memory_region region{};
    region.memory_size = memory_size;
    region.userspace_addr = reinterpret_cast<std::uintptr_t>(memory);
    if (::ioctl(vm.get(), KVM_SET_USER_MEMORY_REGION, &region) < 0)
        return Outcome::refused;
    const UniqueFd vcpu(::ioctl(vm.get(), KVM_CREATE_VCPU, 0));
    const int run_size = ::ioctl(kvm.get(), KVM_GET_VCPU_MMAP_SIZE, 0);
    if (!vcpu || run_size <= 0)
        return Outcome::refused;
    void* shared = ::mmap(nullptr, static_cast<std::size_t>(run_size), PROT_READ | PROT_WRITE,
                          MAP_SHARED, vcpu.get(), 0);
    if (shared == MAP_FAILED)
        return Outcome::refused;

    kvm_sregs sregs{};
    if (::ioctl(vcpu.get(), KVM_GET_SREGS, &sregs) < 0)
        return Outcome::refused;
    enter_long_mode(sregs);
    kvm_regs regs{};
    regs.rip = code_address;
    regs.rflags = 0x2;
    if (::ioctl(vcpu.get(), KVM_SET_SREGS, &sregs) < 0 ||
        ::ioctl(vcpu.get(), KVM_SET_REGS, &regs) < 0)
        return Outcome::refused;

    arm_timers();
    if (::ioctl(vcpu.get(), KVM_RUN, 0) < 0)
        return errno == EINTR ? Outcome::too_slow : Outcome::refused;
    const auto* run = static_cast<const kvm_run*>(shared);
    return run->exit_reason == KVM_EXIT_IO && run->io.port == 0xf4 ? Outcome::usable
                                                                   : Outcome::wrong_exit;
}

KvmAnswer describe(Outcome outcome) {
    switch (outcome) {
    case Outcome::usable:
        return {true, {}};
    case Outcome::no_device:
        return {false, "there is no /dev/kvm"};
    case Outcome::no_permission:
        return {false, "no permission to open /dev/kvm"};
    case Outcome::refused:
        return {false, "/dev/kvm opens, but refuses to make a virtual machine"};
    case Outcome::too_slow:
        return {false, "/dev/kvm is there, but a loop that takes 1 ms did not end within 50 ms "
                       "(a hypervisor that emulates every instruction)"};
    case Outcome::wrong_exit:
        break;
    }
    return {false, "/dev/kvm is there, but a trivial guest did not run to its end"};
}

std::string boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(file, id);
    return id;
}

} // namespace

KvmAnswer probe_kvm() {
    const pid_t child = ::fork();
    if (child < 0)
        return {false, fmt::format("cannot fork to try KVM: {}", std::strerror(errno))};
    if (child == 0)
        ::_exit(static_cast<int>(run_guest_loop()));

    using namespace std::chrono;
    const auto deadline = steady_clock::now() + seconds(2);
    int status = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
        if (steady_clock::now() > deadline) {
            ::kill(child, SIGKILL);
            ::waitpid(child, &status, 0);
            return {false, "/dev/kvm is there, but a trivial guest hung"};
        }
        ::usleep(500);
    }
    return describe(WIFEXITED(status) ? static_cast<Outcome>(WEXITSTATUS(status))
                                      : Outcome::wrong_exit);
}

KvmAnswer kvm() {
    const std::filesystem::path file = paths::cache() / fmt::format("kvm-{}.json", ::getuid());
    const std::string boot = boot_id();
    if (std::ifstream in(file); in) {
        const auto known = nlohmann::json::parse(in, nullptr, false);
        if (known.is_object() && known.value("boot_id", "") == boot)
            return {known.value("usable", false), known.value("reason", "")};
    }
    const KvmAnswer answer = probe_kvm();
    const nlohmann::json document = {
        {"boot_id", boot}, {"usable", answer.usable}, {"reason", answer.reason}};
    const std::filesystem::path temporary = file.string() + fmt::format(".{}", ::getpid());
    std::ofstream(temporary) << document.dump() << '\n';
    std::filesystem::rename(temporary, file);
    return answer;
}

} // namespace nflab::host
