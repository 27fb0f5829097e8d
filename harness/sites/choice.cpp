// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/sites/choice.hpp"

#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/kernel/kernel.hpp"
#include "harness/scenario/suggest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace nflab::sites {
namespace fs = std::filesystem;

namespace {

/// A survey takes long; its lists need not be of this minute.
constexpr auto oldest_lists = std::chrono::hours(6);

kernel::Catalogue catalogue() {
    const fs::path file = paths::data_file("kernels.yaml");
    return kernel::parse_catalogue(kernel::read_text(file), file.string());
}

bool is_path(const std::string& name) {
    return name.find('/') != std::string::npos || fs::exists(name);
}

/// Debian's layout below /usr/lib/debug, and simpler ones.
Modules below(const fs::path& directory, const std::string& release) {
    for (const fs::path& candidate :
         {directory / "lib/modules" / release, directory / "usr/lib/debug/lib/modules" / release,
          directory / release}) {
        if (fs::is_directory(candidate))
            return modules_below(candidate);
    }
    return {};
}

} // namespace

Choice::Choice(kernel::Progress progress)
    : progress_(std::move(progress)), known_(catalogue()), apt_("kernels", known_.suites),
      store_(apt_) {}

std::vector<Subject> Choice::subjects(const Wish& wish) {
    std::vector<Subject> subjects;
    if (wish.all) {
        for (const std::string& suite : wish.suites) {
            if (std::find(known_.suites.begin(), known_.suites.end(), suite) == known_.suites.end())
                throw Error(Failure::bad_input,
                            fmt::format("unknown suite '{}'; {}", suite,
                                        scenario::suggest(suite, known_.suites)),
                            fmt::format("suites are {}", fmt::join(known_.suites, ", ")));
        }
        read_lists();
        std::vector<kernel::Package> wanted;
        std::copy_if(packages_.begin(), packages_.end(), std::back_inserter(wanted),
                     [&](const kernel::Package& package) {
                         return wish.suites.empty() ||
                                std::find(wish.suites.begin(), wish.suites.end(), package.suite) !=
                                    wish.suites.end();
                     });
        for (const kernel::Build& build : kernel::all_builds(wanted)) {
            if (wish.flavour.empty() || kernel::flavour_of(build.release) == wish.flavour)
                subjects.push_back(of_archive(build));
        }
        ModuleStore::keep_only(packages_);
    } else {
        const std::vector<std::string> names = wish.names.empty() ? known_.names() : wish.names;
        for (const std::string& name : names)
            subjects.push_back(of_disk(name));
    }
    if (!wish.debug_symbols.empty()) {
        for (Subject& subject : subjects)
            add_debug_symbols(wish.debug_symbols, subject);
    }
    return subjects;
}

void Choice::read_lists() {
    if (!packages_.empty())
        return;
    apt_.update(oldest_lists, progress_);
    packages_ = apt_.packages(kernel::is_kernel_package);
}

Subject Choice::of_archive(const kernel::Build& build) {
    Subject subject;
    subject.release = build.release;
    subject.version = build.version;
    subject.suite = build.packages.front().suite;
    subject.is_unsigned = build.is_unsigned;
    subject.modules = [this, build] { return store_.modules(build); };
    return subject;
}

Subject Choice::of_disk(const std::string& name) {
    const auto listed = kernel::list();
    const bool known = known_.find(name) || is_path(name) ||
                       std::any_of(listed.begin(), listed.end(), [&](const kernel::Listed& line) {
                           return line.release == name;
                       });
    // What the lock does not name may be a release that the archive holds.
    if (!known && !name.empty() && name.front() >= '0' && name.front() <= '9') {
        read_lists();
        for (const kernel::Build& build : kernel::all_builds(packages_)) {
            if (build.release == name)
                return of_archive(build);
        }
    }
    const kernel::Kernel kernel = kernel::find(name, {}, progress_);
    Subject subject;
    subject.release = kernel.release;
    subject.version =
        kernel.package.substr(std::min(kernel.package.find(' '), kernel.package.size()));
    subject.version.erase(0, 1);
    subject.modules = [directory = kernel.modules] { return modules_below(directory); };
    return subject;
}

void Choice::add_debug_symbols(const std::string& where, Subject& subject) {
    if (where != "auto" && where != "cached") {
        if (!fs::is_directory(where))
            throw Error(
                Failure::bad_input, fmt::format("{} is no directory", where),
                "--debug-symbols takes a directory like /usr/lib/debug, `auto` or `cached`");
        subject.debug_modules = [where, release = subject.release] {
            return below(where, release);
        };
        return;
    }
    read_lists();
    const std::string name = fmt::format("linux-image-{}-dbg", subject.release);
    const auto package =
        std::find_if(packages_.begin(), packages_.end(), [&](const kernel::Package& each) {
            return each.name == name && each.version == subject.version;
        });
    if (package != packages_.end() && (where == "auto" || ModuleStore::is_kept(*package)))
        subject.debug_modules = [this, found = *package] { return store_.debug_modules(found); };
}

} // namespace nflab::sites
