// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/command_line.hpp"

#include <fmt/format.h>

namespace nflab::image {

namespace {

// A panic ends the guest at once, and its last words must be on the console. Both boots need this;
// neither changes what the kernel does before it dies.
constexpr auto for_the_lab = "console=ttyS0 panic=-1";

// Documentation/admin-guide/kernel-parameters.txt. Measured under TCG on 6.12 and 7.2: the
// self-tests of crypto cost 0.45 s, ACPI 0.3 s, the initcalls 0.08 s, SMP's instructions 0.06 s;
// nothing was gained by tsc=reliable, lpj, edd=off, no_timer_check or mitigations=off, so they are
// not here. loglevel=5 shows warnings, errors and oopses. Without ACPI these kernels have no
// interrupt domain for MSI: 5.10 and 6.1 would warn with a backtrace, and be tainted, at virtio's
// devices.
constexpr auto tuned = "loglevel=5 cryptomgr.notests random.trust_cpu=1";
constexpr auto without_acpi = "acpi=off pci=nomsi noreplace-smp";

// Self-tests, keys and measurements for the security of a real machine's boot. Names that a kernel
// does not have are ignored.
constexpr auto skipped_initcalls =
    "initcall_blacklist=jent_mod_init,load_system_certificate_list,init_ima,init_evm,"
    "init_encrypted,crypto_kdf108_init,tpm_init,damon_stat_init";

} // namespace

BootStyle boot_style(scenario::Boot boot, bool smp) {
    BootStyle style;
    if (boot == scenario::Boot::faithful) {
        style.command_line = fmt::format("ro quiet {}", for_the_lab);
        return style;
    }
    style.acpi = smp;
    style.command_line = fmt::format("{}{}{} {} {}", tuned, smp ? "" : " ", smp ? "" : without_acpi,
                                     skipped_initcalls, for_the_lab);
    style.alterations = {"PVH entry instead of the bzImage's", "cryptomgr.notests",
                         skipped_initcalls, "modules without signatures (taint E)"};
    if (!smp)
        style.alterations.insert(style.alterations.begin() + 1,
                                 {"acpi=off", "pci=nomsi", "noreplace-smp"});
    return style;
}

} // namespace nflab::image
