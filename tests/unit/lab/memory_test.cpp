// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/memory.hpp"
#include "tests/catch.hpp"

using namespace nflab;

TEST_CASE("resident memory is read from a process's status") {
    CHECK(lab::resident_kib("Name:\tqemu\nVmHWM:\t  250000 kB\nVmRSS:\t  248320 kB\n") == 248320);
    CHECK(lab::resident_kib("Name:\tkthreadd\n") == 0);
    CHECK(lab::resident_kib("\nVmRSS:") == 0);
    CHECK(lab::guest_memory("/nonexistent").empty());
}
