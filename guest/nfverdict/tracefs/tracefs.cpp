// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tracefs/tracefs.hpp"

#include "guest/nfverdict/tracefs/trace_page.hpp"
#include "harness/base/error.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/mount.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace nflab::nfverdict {
namespace {

[[noreturn]] void fail(const std::string& what) {
    throw Error(Failure::lab, fmt::format("{}: {}", what, std::strerror(errno)));
}

// fsopen(2) and its siblings, which not every C library has.
UniqueFd mount_tracefs() {
    const UniqueFd context(static_cast<int>(::syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC)));
    if (!context)
        fail("this kernel has no tracefs");
    if (::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
        fail("tracefs cannot be mounted");
    UniqueFd root(static_cast<int>(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, 0)));
    if (!root)
        fail("tracefs cannot be mounted");
    return root;
}

std::uint64_t number_behind(std::string_view text, std::string_view key) {
    const auto at = text.find(key);
    if (at == std::string_view::npos)
        return 0;
    const std::string_view rest = text.substr(at + key.size());
    std::uint64_t value = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), value);
    return value;
}

} // namespace

Tracefs::Tracefs() : root_(mount_tracefs()) {}

std::string Tracefs::read(const std::string& path) const {
    const UniqueFd file = open(path);
    std::string text;
    std::array<char, 16384> bytes{};
    for (ssize_t size = 0; (size = ::read(file.get(), bytes.data(), bytes.size())) > 0;)
        text.append(bytes.data(), static_cast<std::size_t>(size));
    return text;
}

void Tracefs::put(const std::string& path, const std::string& text, int flags) const {
    const UniqueFd file(::openat(root_.get(), path.c_str(), O_WRONLY | O_CLOEXEC | flags));
    if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        fail(fmt::format("tracefs: cannot write \"{}\" to {}", text, path));
}

void Tracefs::write(const std::string& path, const std::string& text) const {
    put(path, text, 0);
}

void Tracefs::append(const std::string& path, const std::string& line) const {
    put(path, line + "\n", O_APPEND);
}

UniqueFd Tracefs::open(const std::string& path) const {
    UniqueFd file(::openat(root_.get(), path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!file)
        fail(fmt::format("tracefs: cannot open {}", path));
    return file;
}

void Tracefs::make_directory(const std::string& path) const {
    constexpr mode_t mode = 0700;
    if (::mkdirat(root_.get(), path.c_str(), mode) != 0)
        fail(fmt::format("tracefs: cannot make {}", path));
}

bool Tracefs::remove_directory(const std::string& path) const {
    return ::unlinkat(root_.get(), path.c_str(), AT_REMOVEDIR) == 0;
}

bool Tracefs::exists(const std::string& path) const {
    return ::faccessat(root_.get(), path.c_str(), F_OK, 0) == 0;
}

std::vector<std::string> Tracefs::list(const std::string& path) const {
    std::vector<std::string> names;
    UniqueFd directory = open(path);
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(directory.get()), ::closedir);
    if (!entries)
        fail(fmt::format("tracefs: cannot list {}", path));
    (void)directory.release(); // closedir's
    while (const dirent* entry = ::readdir(entries.get()))
        if (entry->d_name[0] != '.')
            names.emplace_back(entry->d_name);
    return names;
}

TraceInstance::TraceInstance(const Tracefs& tracefs, std::string name)
    : tracefs_(tracefs), name_(std::move(name)), watch_(::epoll_create1(EPOLL_CLOEXEC)) {
    // Of each CPU; the kernel allocates all of it.
    constexpr const char* buffer_kib = "4096";
    tracefs_.make_directory(path(""));
    try {
        tracefs_.write(path("trace_clock"), "mono");
        // What comes first is kept: it is what the records so far are about.
        tracefs_.write(path("trace_options"), "nooverwrite");
        tracefs_.write(path("buffer_size_kb"), buffer_kib);
        for (const std::string& each : tracefs_.list(path("per_cpu"))) {
            const auto cpu = static_cast<std::uint32_t>(number_behind(each, "cpu"));
            UniqueFd pages = tracefs_.open(path("per_cpu/" + each + "/trace_pipe_raw"));
            epoll_event wanted{};
            wanted.events = EPOLLIN;
            ::epoll_ctl(watch_.get(), EPOLL_CTL_ADD, pages.get(), &wanted);
            buffers_.push_back({cpu, std::move(pages)});
        }
    } catch (const Error&) {
        buffers_.clear();
        tracefs_.remove_directory(path(""));
        throw;
    }
}

TraceInstance::~TraceInstance() {
    watch_.reset();
    buffers_.clear(); // while they are open, the instance is in use
    tracefs_.remove_directory(path(""));
}

std::string TraceInstance::path(const std::string& file) const {
    return fmt::format("instances/{}{}{}", name_, file.empty() ? "" : "/", file);
}

void TraceInstance::drain(const std::function<void(std::uint32_t cpu, std::uint64_t time,
                                                   std::span<const std::uint8_t> event)>& sink) {
    constexpr std::size_t page_size = 4096;
    std::array<std::uint8_t, page_size> page{};
    for (const Buffer& buffer : buffers_)
        for (ssize_t size = 0; (size = ::read(buffer.pages.get(), page.data(), page.size())) > 0;)
            parse_trace_page({page.data(), static_cast<std::size_t>(size)},
                             [&](std::uint64_t time, std::span<const std::uint8_t> event) {
                                 sink(buffer.cpu, time, event);
                             });
}

std::uint64_t TraceInstance::lost() const {
    std::uint64_t count = 0;
    for (const Buffer& buffer : buffers_) {
        const std::string stats =
            tracefs_.read(path(fmt::format("per_cpu/cpu{}/stats", buffer.cpu)));
        for (const char* key : {"\noverrun: ", "\ncommit overrun: ", "\ndropped events: "})
            count += number_behind(stats, key);
    }
    return count;
}

} // namespace nflab::nfverdict
