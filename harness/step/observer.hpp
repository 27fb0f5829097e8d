// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/lab/session.hpp"
#include "harness/observe/observe.hpp"
#include "harness/scenario/model.hpp"
#include "harness/step/outcome.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace nflab::step {

/// Looks at nodes, remembers what they were like before, and holds expectations against it. Must
/// not outlive session and scenario.
class Observer {
  public:
    Observer(lab::Session& session, const scenario::Scenario& scenario);

    /// Remembers, of what the step expects, that which is about its own time only.
    void begin(const scenario::Step& step);

    /// Remembers what all vm nodes are like now, under this name; gives what was remembered.
    std::vector<NodeSnapshot> take_snapshot(const std::string& name);

    /// Puts the rulesets of all vm nodes back as they were in the snapshot.
    /// Throws Error(lab) where a node refuses them.
    void restore(const std::string& name);

    /// Looks, again and again while the expectation's `until` allows it, and judges. One check for
    /// each node that the expectation is about. Several that need the same look share its answer
    /// until forget() is called. Throws Error(lab) when a node is lost.
    std::vector<Check> check(const scenario::Expectation& expectation);

    /// Something may have changed since the last look.
    void forget() { fresh_.clear(); }

    /// Holds what the kernels have said since the observer was made against the scenario's
    /// `kernel_log`, and gives what should not have come.
    std::vector<Check> unwanted_messages();

  private:
    using Answers = std::vector<std::pair<observe::Look, observe::Answer>>;

    observe::Answer ask_once(const std::string& node, const observe::Look& look);
    observe::Answer ask(const std::string& node, const observe::Look& look,
                        const std::string& input = {});
    void remember(const std::string& moment, const std::string& node, const observe::Look& look);
    const observe::Answer* remembered(const std::string& moment, const std::string& node,
                                      const observe::Look& look) const;
    std::vector<std::string> nodes_of(const scenario::Expectation& expectation) const;

    lab::Session& session_;
    const scenario::Scenario& scenario_;
    std::vector<std::string> guests_;
    std::map<std::string, Answers> fresh_; ///< by node
    /// By moment (a snapshot's name, or one of two others) and node.
    std::map<std::pair<std::string, std::string>, Answers> memory_;
};

} // namespace nflab::step
