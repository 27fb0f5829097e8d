// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/initramfs.hpp"
#include "tests/catch.hpp"
#include "tests/unit/image/fake_module.hpp"
#include "tests/unit/image/read_cpio.hpp"

#include <sys/stat.h>

#include <algorithm>

using namespace nflab;

namespace {

image::ModuleSet old_kernel() {
    const std::map<std::string, std::string> files = {
        {"kernel/drivers/virtio/virtio.ko", test::fake_module({"depends="})},
        {"kernel/drivers/virtio/virtio_ring.ko", test::fake_module({"depends=virtio"})},
        {"kernel/drivers/virtio/virtio_pci.ko",
         test::fake_module({"depends=virtio_ring,virtio"}) + test::fake_signature(300)},
        {"kernel/drivers/net/virtio_net.ko", test::fake_module({"depends=virtio,net_failover"})},
        {"kernel/drivers/net/net_failover.ko", test::fake_module({"depends="})},
        {"kernel/fs/erofs/erofs.ko", test::fake_module({"depends=libcrc32c"})},
        {"kernel/lib/libcrc32c.ko", test::fake_module({"depends="})},
    };
    std::vector<std::string> paths;
    paths.reserve(files.size());
    for (const auto& [path, content] : files)
        paths.push_back(path);
    return image::ModuleSet::select(paths, image::is_wanted_module,
                                    [&](const std::string& path) { return files.at(path); });
}

} // namespace

TEST_CASE("the kernel's part lists modules in the order in which they can be loaded") {
    const auto entries = test::read_cpio(image::kernel_initramfs(old_kernel(), false));
    CHECK(entries.at("nflab/modules").content == "mod/virtio.ko\nmod/virtio_ring.ko\n"
                                                 "mod/virtio_pci.ko\nmod/libcrc32c.ko\n"
                                                 "mod/erofs.ko\n");
    CHECK(entries.at("nflab/modules.late").content == "mod/net_failover.ko\nmod/virtio_net.ko\n");
    CHECK(entries.count("nflab/mod/virtio_pci.ko") == 1);
    CHECK(entries.at("dev/console").type == S_IFCHR);
    CHECK(entries.at("dev/console").major == 5);
    CHECK(entries.at("dev/console").minor == 1);
    CHECK(entries.at("nflab/lower").type == S_IFDIR);
}

TEST_CASE("signatures are left in place for a faithful boot only") {
    const std::string path = "nflab/mod/virtio_pci.ko";
    const auto fast = test::read_cpio(image::kernel_initramfs(old_kernel(), false));
    const auto faithful = test::read_cpio(image::kernel_initramfs(old_kernel(), true));
    CHECK(fast.at(path).content == test::fake_module({"depends=virtio_ring,virtio"}));
    CHECK(faithful.at(path).content == fast.at(path).content + test::fake_signature(300));
}

TEST_CASE("our programs come in a second archive") {
    const std::string chain = image::kernel_initramfs(old_kernel(), false) +
                              image::program_initramfs("agent", {{"nfverdict", "tracer"}});
    std::vector<std::string> order;
    const auto entries = test::read_cpio(chain, &order);
    CHECK(entries.at("init").content == "agent");
    CHECK(entries.at("init").mode == 0755);
    CHECK(entries.at("nflab/bin/nfverdict").content == "tracer");
    CHECK(entries.at("nflab/bin/nfverdict").mode == 0755);
    CHECK(std::find(order.begin(), order.end(), "nflab") <
          std::find(order.begin(), order.end(), "nflab/bin"));
}

TEST_CASE("the same input gives the same initramfs") {
    CHECK(image::kernel_initramfs(old_kernel(), false) ==
          image::kernel_initramfs(old_kernel(), false));
    CHECK(image::program_initramfs("a", {{"b", "c"}}) ==
          image::program_initramfs("a", {{"b", "c"}}));
    CHECK(image::program_initramfs("a", {}).size() % 4 == 0);
}
