// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/records/record_filter.hpp"

#include <algorithm>

namespace nflab::nfverdict {
namespace {

bool admits(const std::vector<std::string>& wanted, const std::string& value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

} // namespace

bool RecordFilter::matches(const verdict::Record& record) const {
    return admits(verdicts, record.verdict) && admits(hooks, record.hook) &&
           (!netns || *netns == record.netns);
}

} // namespace nflab::nfverdict
