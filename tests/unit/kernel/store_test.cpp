// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/kernel/catalogue.hpp"
#include "harness/kernel/digest.hpp"
#include "harness/kernel/store.hpp"
#include "tests/catch.hpp"
#include "tests/unit/kernel/temporary_directory.hpp"

#include <sys/wait.h>
#include <unistd.h>

using namespace nflab;
namespace fs = std::filesystem;

TEST_CASE("once makes a thing once") {
    const test::TemporaryDirectory directory;
    int calls = 0;
    const auto make = [&](const fs::path& temporary) {
        ++calls;
        std::ofstream(temporary) << "made";
    };
    const fs::path target = directory.path() / "deep/er/thing";
    CHECK(kernel::once(target, make) == target);
    kernel::once(target, make);
    CHECK(calls == 1);
    CHECK(kernel::read_text(target) == "made");
}

TEST_CASE("what fails, or died half-way before, leaves nothing under the final name") {
    const test::TemporaryDirectory directory;
    const fs::path target = directory.path() / "thing";
    CHECK_THROWS_AS(kernel::once(target,
                                 [](const fs::path& temporary) {
                                     fs::create_directories(temporary / "half");
                                     throw Error(Failure::lab, "no more");
                                 }),
                    Error);
    CHECK_FALSE(fs::exists(target));
    directory.write(".thing.part/left/behind", "by a process that was killed");
    kernel::once(target, [](const fs::path& temporary) {
        CHECK_FALSE(fs::exists(temporary));
        fs::create_directories(temporary / "whole");
    });
    CHECK(fs::exists(target / "whole"));
    CHECK_FALSE(fs::exists(target / "left"));
}

TEST_CASE("two processes make a thing once") {
    const test::TemporaryDirectory directory;
    const fs::path target = directory.path() / "thing";
    const auto make = [&](const fs::path& temporary) {
        std::ofstream(directory.path() / "calls", std::ios::app) << "x";
        ::usleep(100'000);
        std::ofstream(temporary) << "made";
    };
    const pid_t child = ::fork();
    if (child == 0) {
        kernel::once(target, make);
        ::_exit(0);
    }
    kernel::once(target, make);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(kernel::read_text(directory.path() / "calls") == "x");
}

TEST_CASE("a lock that is held too long is an error") {
    const test::TemporaryDirectory directory;
    const fs::path file = directory.path() / "lock";
    const kernel::FileLock first(file, std::chrono::milliseconds(0));
    CHECK_THROWS_AS(kernel::FileLock(file, std::chrono::milliseconds(50)), Error);
}

TEST_CASE("SHA-256 of the standard's example") {
    CHECK(kernel::sha256("abc") ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
