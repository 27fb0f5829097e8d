// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/kernel/archive_file.hpp"
#include "harness/kernel/catalogue.hpp"
#include "tests/catch.hpp"
#include "tests/unit/kernel/make_deb.hpp"
#include "tests/unit/kernel/temporary_directory.hpp"

using namespace nflab;
namespace fs = std::filesystem;

TEST_CASE("a .deb is unpacked where the map says") {
    const test::TemporaryDirectory directory;
    const fs::path deb = directory.path() / "x.deb";
    test::make_deb(deb, {{"./bin/tool", "tool"}, {"./usr/share/doc/x/copyright", "(c)"}},
                   {{"./bin/link", "tool"}});
    fs::create_directories(directory.path() / "root/usr/bin");
    kernel::unpack_package(deb, directory.path() / "root",
                           [](const std::string& path) -> std::optional<fs::path> {
                               if (path.rfind("bin/", 0) == 0)
                                   return "usr/" + path;
                               return {};
                           });
    CHECK(kernel::read_text(directory.path() / "root/usr/bin/tool") == "tool");
    CHECK(fs::read_symlink(directory.path() / "root/usr/bin/link") == "tool");
    CHECK_FALSE(fs::exists(directory.path() / "root/usr/share"));
}

TEST_CASE("a path that leads out of a package is refused") {
    const test::TemporaryDirectory directory;
    const fs::path deb = directory.path() / "x.deb";
    test::make_deb(deb, {{"../../outside", "x"}}, {});
    CHECK_THROWS_AS(kernel::unpack_package(deb, directory.path() / "root",
                                           [](const std::string& path) { return path; }),
                    Error);
}

TEST_CASE("a file that is no package is an error with its name") {
    const test::TemporaryDirectory directory;
    const fs::path file = directory.write("broken.deb", "not an archive");
    try {
        kernel::unpack_package(file, directory.path(), [](const std::string& p) { return p; });
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.failure() == Failure::bad_input);
        CHECK(std::string(error.what()).find("broken.deb") != std::string::npos);
    }
}

TEST_CASE("bytes that are not compressed stay as they are") {
    CHECK(kernel::decompress("plain text") == "plain text");
}

TEST_CASE("a damaged stream is an error, not less data") {
    std::string stream = test::compress_xz(std::string(100000, 'x'));
    CHECK(kernel::decompress(stream) == std::string(100000, 'x'));
    stream.resize(stream.size() / 2);
    CHECK_THROWS_AS(kernel::decompress(stream), std::runtime_error);
}

TEST_CASE("single files are read out of a package, and no more of it than needed") {
    const test::TemporaryDirectory directory;
    const fs::path deb = directory.path() / "x.deb";
    test::make_deb(deb, {{"./lib/modules/1/a.ko", "a"}, {"./lib/modules/1/b.ko", "b"}},
                   {{"./lib/modules/1/c.ko", "a.ko"}});
    const auto is_module = [](const std::string& path) {
        return path.size() > 3 && path.substr(path.size() - 3) == ".ko";
    };
    const auto all = kernel::read_files(deb, is_module, 9);
    CHECK(all == std::map<std::string, std::string>{{"lib/modules/1/a.ko", "a"},
                                                    {"lib/modules/1/b.ko", "b"}});
    CHECK(kernel::read_files(deb, is_module, 1).size() == 1);
    CHECK_THROWS_AS(kernel::read_files(directory.write("broken.deb", "x"), is_module, 1), Error);
}

TEST_CASE("what was compressed is the same again") {
    const std::string bytes(300'000, 'x');
    const std::string small = kernel::compress(bytes);
    CHECK(small.size() < 1'000);
    CHECK(kernel::decompress(small) == bytes);
}
