// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/libvirt_cache.hpp"
#include "tests/catch.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace nflab;
namespace fs = std::filesystem;

namespace {

class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string pattern = (fs::temp_directory_path() / "nflab-test-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~TemporaryDirectory() { fs::remove_all(path_); }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

void write(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
}

std::string read(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("what libvirt learned travels from lab to lab") {
    const TemporaryDirectory place;
    const fs::path shared = place.path() / "shared";
    const fs::path file = "qemu/capabilities/abc.xml";

    CHECK_NOTHROW(lab::restore_libvirt_cache(shared, place.path() / "first"));
    write(place.path() / "first" / file, "<answers/>");
    write(place.path() / "first" / "qemu/driver.lock", "not an answer");
    lab::publish_libvirt_cache(place.path() / "first", shared);
    CHECK(read(shared / file) == "<answers/>");
    CHECK_FALSE(fs::exists(shared / "qemu/driver.lock"));

    lab::restore_libvirt_cache(shared, place.path() / "second");
    CHECK(read(place.path() / "second" / file) == "<answers/>");

    write(place.path() / "second" / file, "<newer/>");
    lab::publish_libvirt_cache(place.path() / "second", shared);
    CHECK(read(shared / file) == "<newer/>");
    CHECK(std::distance(fs::directory_iterator(shared / "qemu/capabilities"), {}) == 1);
}
