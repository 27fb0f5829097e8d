// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/pcap/file.hpp"

#include <memory>
#include <string>

namespace nflab::pcap {

/// A filter of pcap-filter(7), held against captured packets. It must hold no name that libpcap
/// would look up (harness/pcap/filter_words.hpp).
class Filter {
  public:
    /// `link_type` is a DLT_* of pcap-linktype(7), as File has it. An empty expression matches
    /// everything. Throws std::invalid_argument with libpcap's complaint.
    explicit Filter(const std::string& expression, int link_type = ethernet);
    ~Filter();
    Filter(Filter&&) noexcept;
    Filter& operator=(Filter&&) noexcept;

    bool matches(const Packet& packet) const;

  private:
    struct Program;
    std::unique_ptr<Program> program_;
};

} // namespace nflab::pcap
