// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace nflab::test {

/// An ELF file with just a .modinfo section of these lines ("depends=a,b").
std::string fake_module(const std::vector<std::string>& modinfo);

/// A signature as `make modules_sign` appends it; `length` bytes of PKCS#7.
std::string fake_signature(std::size_t length);

} // namespace nflab::test
