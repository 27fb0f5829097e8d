// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/engines/self_test.hpp"
#include "guest/nfverdict/kernel/netns.hpp"
#include "guest/nfverdict/kretprobe/kretprobe_record.hpp"
#include "guest/nfverdict/options.hpp"
#include "harness/base/unique_fd.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace nflab::nfverdict {

/// The kretprobe module (guest/kmod), loaded as long as this lives.
class KretprobeSource {
  public:
    using Notice = std::function<void(const std::string&)>;

    /// Throws Error(lab) when the module is not there or the kernel does not take it.
    KretprobeSource(const Options& options, Notice notice);
    ~KretprobeSource();
    KretprobeSource(const KretprobeSource&) = delete;
    KretprobeSource& operator=(const KretprobeSource&) = delete;

    /// Known rules and known packets in a private network namespace, of which nothing is reported.
    /// Throws Error(lab) when what is seen of them is wrong.
    void prove();

    /// Becomes readable when there is something to take.
    int fd() const { return device_.get(); }
    /// Gives away every record of what has happened so far, in its order.
    void take(const std::function<void(const verdict::Record&)>& sink);
    /// Calls that could not be reported, from the beginning.
    std::uint64_t lost() const { return lost_; }
    /// The "ready" line (docs/formats/record.md).
    nlohmann::json describe() const;

  private:
    void take_line(const std::string& line,
                   const std::function<void(const verdict::Record&)>& sink);

    Notice notice_;
    Netns private_;
    std::vector<verdict::Record> private_records_;
    TestResult nft_test_;
    TestResult iptables_test_;
    TestResult ip6tables_test_;
    UniqueFd device_;
    KretprobeRecords records_;
    std::string text_;
    std::uint64_t lost_ = 0;
    bool suppressed_ = false;
    long attach_ms_ = 0;
};

} // namespace nflab::nfverdict
