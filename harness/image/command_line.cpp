// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/command_line.hpp"

namespace nflab::image {

namespace {

// A panic ends the guest at once, and its last words must be on the console. Both boots need this;
// neither changes what the kernel does before it dies.
constexpr auto for_the_lab = "console=ttyS0 panic=-1";

// Documentation/admin-guide/kernel-parameters.txt. loglevel=5 shows warnings, errors and oopses.
constexpr auto tuned = "loglevel=5 acpi=off cryptomgr.notests noreplace-smp random.trust_cpu=1 "
                       "8250.nr_uarts=1 edd=off no_timer_check mitigations=off";

} // namespace

BootStyle boot_style(scenario::Boot boot) {
    BootStyle style;
    if (boot == scenario::Boot::faithful) {
        style.command_line = std::string("ro quiet ") + for_the_lab;
        return style;
    }
    style.command_line = std::string(tuned) + " " + for_the_lab;
    style.acpi = false;
    style.alterations = {"acpi=off", "mitigations=off", "noreplace-smp", "cryptomgr.notests",
                         "modules without signatures (taint E)"};
    return style;
}

} // namespace nflab::image
