// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/unique_fd.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace nflab::nfverdict {

/// The kernel's tracing files, through a mount that nobody else sees and that goes with its
/// descriptor (fsmount(2)), wherever tracefs is mounted or not.
class Tracefs {
  public:
    /// Throws Error(lab).
    Tracefs();

    /// Paths below tracefs. Throw Error(lab) with the kernel's reason.
    /// @{
    std::string read(const std::string& path) const;
    void write(const std::string& path, const std::string& text) const;
    /// Adds a line; for the files in which lines are commands.
    void append(const std::string& path, const std::string& line) const;
    UniqueFd open(const std::string& path) const; ///< for reading, not blocking
    void make_directory(const std::string& path) const;
    /// @}
    /// False when it is not there, or in use.
    bool remove_directory(const std::string& path) const;
    bool exists(const std::string& path) const;
    std::vector<std::string> list(const std::string& path) const;

  private:
    void put(const std::string& path, const std::string& text, int flags) const;

    UniqueFd root_;
};

/// A trace instance of our own: buffers, clock and enabled events that are nobody else's. Goes with
/// this object.
class TraceInstance {
  public:
    /// Throws Error(lab). `tracefs` must outlive this.
    TraceInstance(const Tracefs& tracefs, std::string name);
    ~TraceInstance();
    TraceInstance(const TraceInstance&) = delete;
    TraceInstance& operator=(const TraceInstance&) = delete;

    /// "instances/NAME/FILE"
    std::string path(const std::string& file) const;

    /// Calls the sink for every event that is in the buffers now: those of one CPU in their order.
    /// Times are CLOCK_MONOTONIC in ns.
    void drain(const std::function<void(std::uint32_t cpu, std::uint64_t time,
                                        std::span<const std::uint8_t> event)>& sink);

    /// Events that found no room in the buffers.
    std::uint64_t lost() const;

    /// Readable when the buffers fill up.
    int fd() const { return watch_.get(); }

  private:
    struct Buffer {
        std::uint32_t cpu;
        UniqueFd pages;
    };
    const Tracefs& tracefs_;
    std::string name_;
    std::vector<Buffer> buffers_;
    UniqueFd watch_;
};

} // namespace nflab::nfverdict
