// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/apt.hpp"

#include "harness/base/error.hpp"
#include "harness/base/paths.hpp"
#include "harness/kernel/digest.hpp"
#include "harness/kernel/store.hpp"
#include "harness/process/command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <sstream>

namespace nflab::kernel {
namespace fs = std::filesystem;

namespace {

constexpr auto keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
constexpr auto apt_helper = "/usr/lib/apt/apt-helper";
constexpr auto update_patience = std::chrono::minutes(10);
constexpr auto download_patience = std::chrono::minutes(30);

const char* const mirror_hint =
    "nflab uses the Debian mirror, proxy and credentials of this host's apt: does `apt-get update` "
    "work?";

void write_file(const fs::path& file, const std::string& text) {
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream << text;
    if (!stream.flush())
        throw Error(Failure::lab, fmt::format("cannot write {}", file.string()));
}

/// The lines of apt's standard error that say what failed.
std::string complaints(const std::string& text) {
    std::istringstream stream(text);
    std::string result;
    for (std::string line; std::getline(stream, line);) {
        if (line.rfind("E: ", 0) == 0 || line.rfind("W: ", 0) == 0 || line.rfind("Err:", 0) == 0)
            result += "\n  " + line;
    }
    return result;
}

std::string megabytes(std::uint64_t bytes) {
    return bytes < 1'000'000 ? fmt::format("{} kB", (bytes + 999) / 1000)
                             : fmt::format("{} MB", (bytes + 500'000) / 1'000'000);
}

std::string announcement(const std::vector<const Package*>& missing) {
    std::uint64_t total = 0;
    for (const Package* package : missing)
        total += package->size;
    if (missing.size() > 3)
        return fmt::format("fetching {} packages, {}", missing.size(), megabytes(total));
    std::string names;
    for (const Package* package : missing)
        names += fmt::format("{}{}", names.empty() ? "" : ", ", package->name);
    return fmt::format("fetching {} {}, {}", names, missing.front()->version, megabytes(total));
}

} // namespace

Apt::Apt(const std::string& name, std::vector<std::string> suites)
    : directory_(paths::cache() / "apt" / name), suites_(std::move(suites)) {}

void Apt::write_configuration() const {
    fs::create_directories(directory_ / "lists/partial");
    fs::create_directories(directory_ / "cache/archives/partial");
    if (!fs::exists(keyring))
        throw Error(Failure::lab, fmt::format("Debian's archive keys are missing ({})", keyring),
                    "install the package debian-archive-keyring");
    const Mirrors& mirrors = host_mirrors();
    std::string sources;
    for (const std::string& suite : suites_)
        sources += fmt::format("deb [arch=amd64 signed-by={}] {} {} main\n", keyring,
                               mirrors.of_suite(suite), suite);
    const std::string here = directory_.string();
    // Read after the host's own configuration (apt.conf(5)), so that its hooks can be cleared: they
    // refresh caches of the host.
    const std::string configuration = fmt::format(
        R"(#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear APT::Default-Release;
Dir::State "{0}";
Dir::State::lists "{0}/lists";
Dir::State::status "{0}/status";
Dir::State::extended_states "{0}/extended_states";
Dir::Cache "{0}/cache";
Dir::Cache::archives "{0}/cache/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::GzipIndexes "true";
Dir::Etc::sourcelist "{0}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Sandbox::User "";
APT::Architecture "amd64";
APT::Architectures {{ "amd64"; }};
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::ForceHash "SHA256";
Acquire::Retries "3";
)",
        here);
    write_file(directory_ / "status", "");
    write_file(directory_ / "sources.list", sources);
    write_file(directory_ / "apt.conf", configuration);
}

std::vector<std::string> Apt::command(const std::string& program) const {
    return {program, "--config-file=" + (directory_ / "apt.conf").string(), "-q"};
}

void Apt::update(std::chrono::minutes oldest, const Progress& progress) const {
    fs::create_directories(directory_);
    const FileLock lock(directory_ / "update.lock", update_patience);
    const fs::path stamp = directory_ / "updated";
    if (fs::exists(stamp) && fs::file_time_type::clock::now() - fs::last_write_time(stamp) < oldest)
        return;
    write_configuration();
    tell(progress, fmt::format("reading Debian's package indexes, {} suites", suites_.size()));
    Command update;
    update.argv = command("apt-get");
    update.argv.emplace_back("update");
    update.timeout = update_patience;
    const CommandResult result = nflab::run(update);
    bool any = false;
    for (const auto& entry : fs::directory_iterator(directory_ / "lists"))
        any = any || entry.path().filename().string().find("_Packages") != std::string::npos;
    if (!any)
        throw Error(Failure::lab,
                    "cannot read the package indexes of Debian's archive" + complaints(result.err),
                    mirror_hint);
    if (!result.ok())
        tell(progress, "some package indexes could not be read:" + complaints(result.err));
    write_file(stamp, "");
}

std::vector<Package> Apt::packages(const std::function<bool(std::string_view)>& wanted) const {
    Command targets;
    targets.argv = command("apt-get");
    for (const char* word :
         {"indextargets", "--format", "$(CODENAME)|$(FILENAME)", "Created-By: Packages"})
        targets.argv.emplace_back(word);
    targets.timeout = update_patience; // apt reads all of its lists first
    std::istringstream lines(output_of(targets));
    std::vector<Package> found;
    for (std::string line; std::getline(lines, line);) {
        const std::size_t bar = line.find('|');
        if (bar == std::string::npos || !fs::exists(line.substr(bar + 1)))
            continue;
        Command read; // indexes may be kept compressed: the helper knows every format
        read.argv = {apt_helper, "cat-file", line.substr(bar + 1)};
        auto more = parse_packages_index(output_of(read), line.substr(0, bar), wanted);
        found.insert(found.end(), more.begin(), more.end());
    }
    return found;
}

std::vector<Package> Apt::closure(const std::vector<std::string>& names) const {
    Command install;
    install.argv = command("apt-get");
    for (const char* word : {"install", "--print-uris", "-y"})
        install.argv.emplace_back(word);
    install.argv.insert(install.argv.end(), names.begin(), names.end());
    const CommandResult result = nflab::run(install);
    if (!result.ok())
        throw Error(Failure::lab,
                    fmt::format("apt finds no way to install {}{}", fmt::join(names, ", "),
                                complaints(result.err + result.out)));
    return parse_print_uris(result.out, host_mirrors(), suites_);
}

void Apt::download(const std::vector<const Package*>& packages,
                   const std::vector<fs::path>& files) const {
    fs::create_directories(directory_);
    {
        const FileLock configuration(directory_ / "update.lock", update_patience);
        write_configuration();
    }
    const Mirrors& mirrors = host_mirrors();
    Command download;
    download.argv = command(apt_helper);
    download.argv.emplace_back("download-file");
    for (std::size_t i = 0; i < packages.size(); ++i) {
        fs::remove(files[i]);
        download.argv.push_back(mirrors.of_suite(packages[i]->suite) + "/" + packages[i]->file);
        download.argv.push_back(files[i].string());
        download.argv.push_back("SHA256:" + packages[i]->sha256);
    }
    download.timeout = download_patience;
    const CommandResult result = nflab::run(download);
    bool any = false;
    for (std::size_t i = 0; i < packages.size(); ++i) {
        const bool good = fs::exists(files[i]) && sha256_of_file(files[i]) == packages[i]->sha256;
        if (!good)
            fs::remove(files[i]);
        fs::remove(files[i].string() + ".FAILED"); // where the helper keeps a wrong hash's file
        any = any || good;
    }
    const std::string answer = result.err + result.out;
    if (!any && answer.find("404") == std::string::npos)
        throw Error(Failure::lab,
                    fmt::format("cannot fetch {} from {}{}", packages.front()->name,
                                mirrors.of_suite(packages.front()->suite), complaints(answer)),
                    mirror_hint);
}

bool Apt::download(const Package& package, const fs::path& file) const {
    download({&package}, {file});
    return fs::exists(file);
}

std::vector<fs::path> Apt::fetch(const std::vector<Package>& packages,
                                 const Progress& progress) const {
    const fs::path store = paths::cache() / "debs";
    fs::create_directories(store);
    const auto place = [&](const Package& package) { return store / (package.sha256 + ".deb"); };
    const auto missing_now = [&] {
        std::vector<const Package*> missing;
        for (const Package& package : packages) {
            if (!fs::exists(place(package)))
                missing.push_back(&package);
        }
        return missing;
    };
    if (!missing_now().empty()) {
        const FileLock lock(store / ".lock", download_patience);
        const std::vector<const Package*> missing = missing_now();
        if (!missing.empty()) {
            tell(progress, announcement(missing));
            std::vector<fs::path> parts;
            parts.reserve(missing.size());
            for (const Package* package : missing)
                parts.push_back(store / ("." + package->sha256 + ".part"));
            download(missing, parts);
            for (std::size_t i = 0; i < missing.size(); ++i) {
                if (fs::exists(parts[i]))
                    fs::rename(parts[i], place(*missing[i]));
            }
        }
    }
    std::vector<fs::path> places;
    places.reserve(packages.size());
    for (const Package& package : packages)
        places.push_back(fs::exists(place(package)) ? place(package) : fs::path());
    return places;
}

std::optional<Package> Apt::measure(const Package& package, const Progress& progress) const {
    const fs::path store = paths::cache() / "debs";
    fs::create_directories(store);
    fs::create_directories(directory_);
    {
        const FileLock configuration(directory_ / "update.lock", update_patience);
        write_configuration();
    }
    const FileLock lock(store / ".lock", download_patience);
    const fs::path part = store / ("." + package.name + ".part");
    fs::remove(part);
    tell(progress, fmt::format("fetching {} {}", package.name, package.version));
    Command download;
    download.argv = command(apt_helper);
    download.argv.insert(download.argv.end(),
                         {"download-file",
                          host_mirrors().of_suite(package.suite) + "/" + package.file,
                          part.string()});
    download.timeout = download_patience;
    nflab::run(download);
    if (!fs::exists(part))
        return {};
    Package measured = package;
    measured.size = fs::file_size(part);
    measured.sha256 = sha256_of_file(part);
    fs::rename(part, store / (measured.sha256 + ".deb"));
    return measured;
}

} // namespace nflab::kernel
