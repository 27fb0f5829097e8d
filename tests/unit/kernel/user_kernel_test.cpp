// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/kernel/kernel.hpp"
#include "tests/catch.hpp"
#include "tests/unit/kernel/fake_bzimage.hpp"
#include "tests/unit/kernel/make_deb.hpp"
#include "tests/unit/kernel/temporary_directory.hpp"

#include <set>

using namespace nflab;
namespace fs = std::filesystem;

namespace {

std::set<std::string> files_below(const fs::path& directory) {
    std::set<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(directory))
        files.insert(entry.path().string());
    return files;
}

} // namespace

TEST_CASE("a bzImage with its modules directory") {
    const test::TemporaryDirectory directory;
    const fs::path image = directory.write("vmlinuz-6.9.0-me", test::fake_bzimage("6.9.0-me", "x"));
    directory.write("config-6.9.0-me", "CONFIG_NF_TABLES=y\n");
    directory.write("out/lib/modules/6.9.0-me/kernel/net/a.ko", "module");
    kernel::FindOptions options;
    const auto alone = kernel::find(image.string(), options, {});
    CHECK(alone.release == "6.9.0-me");
    CHECK(alone.modules.empty());
    CHECK(alone.config.filename() == "config-6.9.0-me");
    options.modules = directory.path() / "out";
    const auto found = kernel::find(image.string(), options, {});
    CHECK(found.modules == directory.path() / "out/lib/modules/6.9.0-me");
    CHECK(found.digest != alone.digest);
    CHECK(found.digest == kernel::find(image.string(), options, {}).digest);
    directory.write("out/lib/modules/6.9.0-me/kernel/net/b.ko", "another");
    CHECK(found.digest != kernel::find(image.string(), options, {}).digest);
}

TEST_CASE("modules of another release are refused") {
    const test::TemporaryDirectory directory;
    const fs::path image = directory.write("bzImage", test::fake_bzimage("6.9.0-me", "x"));
    directory.write("out/lib/modules/6.8.0/kernel/net/a.ko", "module");
    kernel::FindOptions options;
    options.modules = directory.path() / "out";
    CHECK_THROWS_AS(kernel::find(image.string(), options, {}), Error);
}

TEST_CASE("nothing is written into a build tree") {
    const test::TemporaryDirectory directory;
    directory.write("tree/arch/x86/boot/bzImage", test::fake_bzimage("6.9.0-me", "x"));
    directory.write("tree/.config", "CONFIG_NF_TABLES=m\n");
    directory.write("tree/modules.order", "net/netfilter/nf_tables.o\nkernel/net/old.ko\n");
    directory.write("tree/modules.builtin", "kernel/fs/ext4/ext4.ko\n");
    directory.write("tree/net/netfilter/nf_tables.ko", "module");
    directory.write("tree/net/old.ko", "module");
    const auto before = files_below(directory.path() / "tree");
    const auto found = kernel::find((directory.path() / "tree").string(), {}, {});
    CHECK(found.release == "6.9.0-me");
    CHECK(fs::exists(found.modules / "kernel/net/netfilter/nf_tables.ko"));
    CHECK(fs::exists(found.modules / "kernel/net/old.ko"));
    CHECK(fs::exists(found.modules / "modules.builtin"));
    CHECK(kernel::features(found) == std::vector<std::string>{"nft"});
    CHECK(files_below(directory.path() / "tree") == before);
}

TEST_CASE("packages of old and new layout") {
    const test::TemporaryDirectory directory;
    const std::string image = test::fake_bzimage("7.2.1-cloud", "x");
    test::make_deb(directory.path() / "old.deb",
                   {{"./boot/vmlinuz-7.2.1-cloud", image},
                    {"./boot/config-7.2.1-cloud", "CONFIG_NF_TABLES=m\n"},
                    {"./lib/modules/7.2.1-cloud/kernel/net/a.ko", "m"}},
                   {{"./lib/modules/7.2.1-cloud/build", "/usr/src/linux-headers"}});
    test::make_deb(directory.path() / "binary.deb",
                   {{"./usr/lib/modules/7.2.1-cloud/vmlinuz", image}}, {});
    test::make_deb(directory.path() / "modules.deb",
                   {{"./usr/lib/modules/7.2.1-cloud/kernel/net/a.ko.xz", "m"}}, {});
    const auto old = kernel::find((directory.path() / "old.deb").string(), {}, {});
    CHECK(old.release == "7.2.1-cloud");
    CHECK(fs::exists(old.image));
    CHECK(fs::exists(old.config));
    CHECK_FALSE(fs::exists(fs::symlink_status(old.modules / "build")));
    const std::string both = (directory.path() / "binary.deb").string() + "," +
                             (directory.path() / "modules.deb").string();
    const auto split = kernel::find(both, {}, {});
    CHECK(split.release == "7.2.1-cloud");
    CHECK(split.config.empty());
    CHECK(split.digest != old.digest);
    CHECK_THROWS_AS(kernel::find((directory.path() / "binary.deb").string(), {}, {}), Error);
}

TEST_CASE("what is no kernel is told apart") {
    const test::TemporaryDirectory directory;
    const auto message = [](const std::string& path) -> std::string {
        try {
            kernel::find(path, {}, {});
        } catch (const Error& error) {
            CHECK(error.failure() == Failure::bad_input);
            return error.what();
        }
        return "no error";
    };
    const std::string elf = directory.write("vmlinux", "\177ELF...").string();
    CHECK(message(elf) == elf + " is an ELF file, not an x86 bzImage");
    CHECK(message("/nowhere/bzImage") == "/nowhere/bzImage does not exist");
    CHECK(message("/nowhere/x.deb") == "/nowhere/x.deb does not exist");
    CHECK(message(directory.path().string()).find("not a kernel that was built") !=
          std::string::npos);
}
