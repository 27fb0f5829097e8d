// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/plan/plan.hpp"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

/// Labs from the outside: start, find, end.
namespace nflab::lab {

/// Something that happened while a lab came up; shown as progress.
struct Event {
    std::string node;  ///< empty: the lab itself
    std::string phase; ///< namespaces, networks, libvirt, boot, agent, configure, ready
    std::chrono::milliseconds since_start{};
};

/// A lab that this process started. Until release() it dies with this object, and with this process
/// however that ends: the supervisor holds a leash whose other end is here.
class Starting {
  public:
    /// Starts the supervisor and waits until every agent is configured.
    /// Throws Error(lab) with the guest's last console lines when one does not come up, and tells
    /// panic, early exit, hang and silent agent apart; Error(lab) when a lab of that name is up;
    /// Error(bad_input) for a name that no lab can have. `program` is the nflab that is re-executed
    /// as the lab's first process; empty: the running program.
    static Starting start(const plan::Plan& plan, const std::function<void(const Event&)>& progress,
                          const std::filesystem::path& program = {});

    Starting(Starting&&) noexcept;
    Starting& operator=(Starting&&) noexcept;
    ~Starting(); ///< ends the lab unless it was released; waits until it is gone

    pid_t supervisor() const;
    void release(); ///< the lab now lives until `nflab down`

  private:
    class Impl;
    explicit Starting(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

struct Running {
    std::string name;
    pid_t supervisor = 0;
    bool ready = false;
};

/// Labs of this user that are up, found in the process table: no state is kept anywhere else.
std::vector<Running> list();

/// Ends a lab and waits until its namespaces are gone. Throws Error(lab) when there is no such lab.
void end(const std::string& name);

} // namespace nflab::lab
