// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/pcap/file.hpp"
#include "harness/step/outcome.hpp"

#include <string>
#include <vector>

/// Captures as pcapng files (draft-ietf-opsawg-pcapng) whose packets carry comments. Pure.
namespace nflab::report {

struct CaptureInterface {
    std::string name;   ///< "router eno1"
    std::string filter; ///< of tcpdump; may be empty
};

/// One section with one interface. `comments`: one for each packet, in UTF-8; empty: none.
std::string pcapng(const pcap::File& file, const CaptureInterface& interface,
                   const std::vector<std::string>& comments);

/// For each captured packet what the step's paths say of it: what became of it, where, and which
/// rules it met. Empty for a packet that no traced node's rules saw; where several packets of the
/// step look the same and fared differently, the comment says so.
std::vector<std::string> capture_comments(const pcap::File& file, const step::StepOutcome& step);

/// Both: a step's capture as a file for Wireshark. One that cannot be read is returned as it is.
std::string commented_pcapng(const step::CaptureOutcome& capture, const step::StepOutcome& step);

} // namespace nflab::report
