// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/unique_fd.hpp"
#include "harness/lab/spawn.hpp"
#include "harness/plan/plan.hpp"

#include <filesystem>
#include <string>

namespace nflab::lab {

/// A netns node: namespaces of its own, the guest root as its root, and the same agent as in a vm.
/// The process waits after its namespaces exist, so that interfaces can be moved in first.
class NetnsNode {
  public:
    /// Forks; call while the process has a single thread. `scratch` is a directory for what the
    /// node writes, `messages` the file that takes what its agent says on standard error.
    NetnsNode(const plan::Node& node, const plan::BootFiles& boot,
              const std::filesystem::path& scratch, const std::filesystem::path& messages);

    pid_t pid() const { return child_.pid; }
    /// The interfaces are there: enter the root and start the agent. Returns the channel to it.
    UniqueFd go();

  private:
    UniqueFd channel_; ///< our end
    UniqueFd gate_;    ///< closing it without a byte tells the child to give up
    NamespaceChild child_;
};

} // namespace nflab::lab
