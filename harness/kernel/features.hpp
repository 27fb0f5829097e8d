// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nflab::kernel {

/// What is known of a kernel's abilities, apart from where it was read.
struct Abilities {
    std::set<std::string> config;  ///< options that are =y or =m, without CONFIG_; empty: unknown
    std::set<std::string> modules; ///< names of loadable and built-in modules, '-' written as '_'
    bool modular = false;          ///< there is at least one loadable module
};

/// Options of a .config that are =y or =m. Pure.
std::set<std::string> parse_config(std::string_view text);

/// "kernel/net/netfilter/nf_tables.ko.xz" is the module "nf_tables". Pure.
std::string module_name(std::string_view path);

/// Pure.
std::vector<std::string> features_of(const Abilities& abilities);

} // namespace nflab::kernel
