// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/image/kernel_images.hpp"
#include "harness/kernel/catalogue.hpp"
#include "tests/catch.hpp"
#include "tests/unit/image/fake_module.hpp"
#include "tests/unit/image/read_cpio.hpp"
#include "tests/unit/kernel/fake_bzimage.hpp"
#include "tests/unit/kernel/temporary_directory.hpp"

using namespace nflab;

namespace {

kernel::Kernel small_kernel(const test::TemporaryDirectory& directory, const std::string& config) {
    kernel::Kernel kernel;
    kernel.name = "small";
    kernel.release = "6.9.0-me";
    kernel.image = directory.write("bzImage", test::fake_bzimage("6.9.0-me", "no kernel"));
    directory.write("m/kernel/fs/erofs/erofs.ko", test::fake_module({"depends="}));
    directory.write("m/kernel/fs/overlayfs/overlay.ko", test::fake_module({"depends="}));
    directory.write("m/kernel/sound/snd.ko", test::fake_module({"depends="}));
    kernel.modules = directory.path() / "m";
    kernel.config = directory.write("config", config);
    kernel.digest = "0123456789abcdef";
    return kernel;
}

const std::string enough = "CONFIG_BLK_DEV_INITRD=y\nCONFIG_DEVTMPFS=y\nCONFIG_TMPFS=y\n"
                           "CONFIG_SERIAL_8250_CONSOLE=y\nCONFIG_VIRTIO_PCI=y\n"
                           "CONFIG_VIRTIO_NET=y\nCONFIG_VIRTIO_CONSOLE=y\n";

} // namespace

TEST_CASE("a kernel that cannot be a guest is refused before it hangs") {
    const test::TemporaryDirectory directory;
    try {
        image::kernel_images(small_kernel(directory, enough + "CONFIG_VIRTIO_BLK=m\n"), false, {});
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.failure() == Failure::bad_input);
        CHECK(std::string(error.what()) ==
              "the kernel 6.9.0-me cannot be a guest: it lacks CONFIG_VIRTIO_BLK");
    }
}

TEST_CASE("images of a user's kernel are made once, and its files stay as they are") {
    const test::TemporaryDirectory directory;
    const auto kernel = small_kernel(directory, enough + "CONFIG_VIRTIO_BLK=y\n");
    const auto images = image::kernel_images(kernel, false, {});
    CHECK(images.kernel == kernel.image); // there is no vmlinux in this bzImage
    CHECK(std::filesystem::file_size(images.modules) > 0);
    const auto entries = test::read_cpio(kernel::read_text(images.initramfs));
    CHECK(entries.at("nflab/modules").content == "mod/erofs.ko\nmod/overlay.ko\n");
    CHECK(image::kernel_images(kernel, false, {}).modules == images.modules);
    CHECK(image::kernel_images(kernel, true, {}).modules != images.modules);
    CHECK_FALSE(std::filesystem::exists(kernel.modules / "modules.dep"));
}
