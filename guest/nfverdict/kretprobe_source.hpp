// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/kretprobe_record.hpp"
#include "guest/nfverdict/options.hpp"
#include "guest/nfverdict/record_source.hpp"
#include "harness/base/unique_fd.hpp"

#include <string>

namespace nflab::nfverdict {

/// The kretprobe module (guest/kmod), loaded as long as this lives.
class KretprobeSource : public RecordSource {
  public:
    using Notice = std::function<void(const std::string&)>;

    /// Throws Error(lab) when the module is not there or the kernel does not take it.
    KretprobeSource(const Options& options, Notice notice);
    ~KretprobeSource() override;

    int fd() const override { return device_.get(); }
    void take(const std::function<void(const verdict::Record&)>& sink) override;
    std::uint64_t lost() override { return lost_; }
    nlohmann::json describe() const override;

  private:
    void take_line(const std::string& line,
                   const std::function<void(const verdict::Record&)>& sink);

    Notice notice_;
    UniqueFd device_;
    KretprobeRecords records_;
    std::string text_;
    std::uint64_t lost_ = 0;
    bool suppressed_ = false;
    long attach_ms_ = 0;
};

} // namespace nflab::nfverdict
