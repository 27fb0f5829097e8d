// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/cli/node_target.hpp"

#include "harness/base/error.hpp"
#include "harness/lab/registry.hpp"
#include "harness/lab/session.hpp"

#include <algorithm>

namespace nflab::cli {

NodeTarget node_target(const std::vector<std::string>& words) {
    if (words.empty())
        throw Error(Failure::bad_input, "which node? the command wants LAB NODE",
                    "`nflab status` lists both");
    const std::vector<lab::Running> labs = lab::list();
    const auto named = std::find_if(
        labs.begin(), labs.end(), [&](const lab::Running& each) { return each.name == words[0]; });
    if (named == labs.end() && labs.size() == 1 && labs[0].ready &&
        lab::Session::connect(labs[0].name).plan().find_node(words[0]))
        return {labs[0], words[0], {words.begin() + 1, words.end()}};
    const lab::Running lab = named == labs.end() ? lab::find(words[0]) : *named;
    if (words.size() < 2)
        throw Error(Failure::bad_input, "which node of lab '" + lab.name + "'?",
                    "`nflab status` lists them");
    return {lab, words[1], {words.begin() + 2, words.end()}};
}

} // namespace nflab::cli
