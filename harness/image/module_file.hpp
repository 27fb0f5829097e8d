// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What stands in a kernel module's file (.ko). Pure.
namespace nflab::image {

/// Names of modules that one needs: `depends` of its .modinfo section must be loaded first; `soft`
/// (softdep, modprobe.d(5)) is of use when it is there, and may be an alias: what libcrc32c needs
/// as "crc32c" is in crc32c_generic and crc32c_intel. `aliases` are the module's own. '-' is
/// written as '_'.
struct ModuleNeeds {
    std::vector<std::string> depends;
    std::vector<std::string> soft;
    std::vector<std::string> aliases;
};

/// Of an uncompressed module; empty lists when the file has no .modinfo.
ModuleNeeds module_needs(std::string_view file);

/// The module without the signature that `make modules_sign` appends (struct module_signature,
/// include/linux/module_signature.h), which costs the guest time to verify; unsigned modules as
/// they are. Sections, .BTF above all, stay.
std::string_view without_signature(std::string_view file);

} // namespace nflab::image
