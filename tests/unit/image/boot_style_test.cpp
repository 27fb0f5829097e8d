// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/command_line.hpp"
#include "tests/catch.hpp"

#include <algorithm>

using namespace nflab;

TEST_CASE("a faithful boot is the distribution's own, with a console and an end after a panic") {
    const auto style = image::boot_style(scenario::Boot::faithful, false);
    CHECK(style.command_line == "ro quiet console=ttyS0 panic=-1");
    CHECK(style.acpi);
    CHECK(style.alterations.empty());
}

TEST_CASE("what a fast boot changes is said") {
    const auto style = image::boot_style(scenario::Boot::fast, false);
    CHECK_FALSE(style.acpi);
    CHECK(style.command_line.find("panic=-1") != std::string::npos);
    CHECK(style.command_line.find("console=ttyS0") != std::string::npos);
    CHECK(style.command_line.find("quiet") == std::string::npos);
    for (const char* word : {"acpi=off", "pci=nomsi", "cryptomgr.notests", "noreplace-smp"}) {
        CHECK(style.command_line.find(word) != std::string::npos);
        CHECK(std::count(style.alterations.begin(), style.alterations.end(), word) == 1);
    }
}

TEST_CASE("several processors are found through ACPI, so it stays on") {
    const auto style = image::boot_style(scenario::Boot::fast, true);
    CHECK(style.acpi);
    CHECK(style.command_line.find("acpi=off") == std::string::npos);
    CHECK(style.command_line.find("noreplace-smp") == std::string::npos);
    CHECK(style.command_line.find("console=ttyS0") != std::string::npos);
    CHECK(std::find(style.alterations.begin(), style.alterations.end(), "acpi=off") ==
          style.alterations.end());
}
