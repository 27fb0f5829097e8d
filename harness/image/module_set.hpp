// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace nflab::image {

/// The loadable modules of a kernel that a guest gets, uncompressed, and what they need.
class ModuleSet {
  public:
    struct Module {
        std::string path; ///< below lib/modules/<release>, ends with .ko: "kernel/net/x/y.ko"
        std::string content;
        std::vector<std::string> depends; ///< loadable modules only
        std::vector<std::string> soft;    ///< names or aliases, loadable or not
        std::vector<std::string> aliases;
    };

    /// Takes the modules among `paths` (below lib/modules/<release>, maybe compressed) that
    /// `wanted` accepts, and all that these depend on. `load` gives a path's uncompressed content.
    static ModuleSet select(const std::vector<std::string>& paths,
                            const std::function<bool(const std::string&)>& wanted,
                            const std::function<std::string(const std::string&)>& load);

    const std::map<std::string, Module>& modules() const { return modules_; }

    /// These modules, as far as they are loadable, after what they depend on, and after every
    /// module of the set that a soft dependency names: insmod's order.
    std::vector<std::string> load_order(const std::vector<std::string>& names) const;

  private:
    void add_in_order(const std::string& name, std::set<std::string>& seen,
                      std::vector<std::string>& order) const;

    std::map<std::string, Module> modules_;
};

/// The modules of an installed kernel, read from `directory` (lib/modules/<release>), uncompressed.
/// Empty path: none. Throws Error(bad_input) when a file is damaged.
ModuleSet read_modules(const std::filesystem::path& directory,
                       const std::function<bool(const std::string&)>& wanted);

/// Writes the modules and what depmod makes of them to `root`/lib/modules/<release>, together with
/// the lists of built-in modules in `directory`, where they came from. Throws Error(lab).
void install_modules(const ModuleSet& modules, bool signatures,
                     const std::filesystem::path& directory, const std::string& release,
                     const std::filesystem::path& root);

/// Whether a module is one for networks, packet filters, or a guest's own devices and file systems.
/// `path` starts with "kernel/". Pure.
bool is_wanted_module(const std::string& path);

} // namespace nflab::image
