// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/base/unique_fd.hpp"

#include <string>

/// Network namespaces with names, as ip-netns(8) keeps them: bound at /run/netns/NAME.
namespace nflab::agent {

/// Makes it if it is not there; `made` says whether it was not. Returns what went wrong, or
/// nothing.
std::string make_namespace(const std::string& name, bool& made);

/// The namespace as a descriptor for setns(2). Returns what went wrong, or nothing.
std::string open_namespace(const std::string& name, UniqueFd& out);

/// Moves the calling thread into a namespace, and back at the end.
class NamespaceVisit {
  public:
    explicit NamespaceVisit(const std::string& name);
    ~NamespaceVisit();
    NamespaceVisit(const NamespaceVisit&) = delete;
    NamespaceVisit& operator=(const NamespaceVisit&) = delete;

    const std::string& problem() const { return problem_; } ///< why it could not; empty: it could

  private:
    UniqueFd home_;
    std::string problem_;
};

} // namespace nflab::agent
