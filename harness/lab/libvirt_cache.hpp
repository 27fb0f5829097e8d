// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>

/// libvirt asks a QEMU it does not know some 400 questions (0.6 s) and keeps the answers below its
/// cache directory. Each lab has a private one; these carry the answers from lab to lab.
namespace nflab::lab {

/// Copies what earlier labs learned from `shared` into a lab's own, empty cache directory.
void restore_libvirt_cache(const std::filesystem::path& shared, const std::filesystem::path& own);

/// Copies what this lab learned to `shared`, each file by a temporary name and rename(2), so that
/// labs may do this at the same time. Failing to is no error: the next lab asks again.
void publish_libvirt_cache(const std::filesystem::path& own, const std::filesystem::path& shared);

} // namespace nflab::lab
