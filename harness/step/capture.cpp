// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/capture.hpp"

#include "harness/base/error.hpp"
#include "harness/step/capture_counts.hpp"

#include <fmt/format.h>

#include <csignal>
#include <stdexcept>

namespace nflab::step {

// One tcpdump.
class Captures::One {
  public:
    One(lab::Session& session, const scenario::Capture& order) : session_(session) {
        outcome_.name = order.name;
        outcome_.node = order.node;
        outcome_.interface = order.interface;
        outcome_.filter = order.filter;
        channel::RunRequest request;
        // Immediately, packet by packet, of any size, and as root: a node need not know Debian's
        // user for tcpdump.
        request.argv = {"tcpdump",          "-i", order.interface, "-n", "-U",
                        "--immediate-mode", "-Z", "root",          "-w", "-"};
        if (!order.filter.empty())
            request.argv.push_back(order.filter);
        lab::StreamHandler handler;
        handler.output = [this](std::string_view bytes) { outcome_.pcap.append(bytes); };
        handler.error_output = [this](std::string_view bytes) { words_.append(bytes); };
        handler.exit = [this](const channel::ExitStatus& status) {
            ended_ = true;
            words_ += status.error;
        };
        stream_ = session_.start(order.node, request, std::move(handler));
    }
    ~One() { session_.close(stream_); }
    One(const One&) = delete;
    One& operator=(const One&) = delete;

    void wait_ready() {
        constexpr std::chrono::seconds limit{20};
        session_.wait([this] { return ended_ || is_listening(); }, limit);
        if (ended_ || !is_listening())
            fail("cannot capture");
        words_.clear();
    }

    // The kernel hands packets over some time after they were seen: until tcpdump has taken as many
    // as the kernel has counted.
    CaptureOutcome finish() {
        constexpr std::chrono::milliseconds pause{20};
        constexpr int attempts = 100;
        constexpr std::chrono::seconds limit{10};
        for (int i = 0; i < attempts && !ended_; ++i) {
            words_.clear();
            session_.send_signal(stream_, SIGUSR1);
            session_.wait([this] { return ended_ || capture_counts(words_); }, limit);
            const auto counts = capture_counts(words_);
            if (!counts)
                fail("does not say what it has captured");
            if (counts->captured + counts->dropped >= counts->received)
                break;
            session_.wait([this] { return ended_; }, pause);
        }
        words_.clear();
        session_.send_signal(stream_, SIGINT);
        session_.wait([this] { return ended_; }, limit);
        const auto counts = capture_counts(words_);
        if (!ended_ || !counts)
            fail("did not end its capture");
        outcome_.packets = counts->captured;
        outcome_.dropped = counts->dropped;
        return std::move(outcome_);
    }

  private:
    bool is_listening() const { return words_.find("listening on") != std::string::npos; }

    [[noreturn]] void fail(const char* what) const {
        throw Error(Failure::lab, fmt::format("tcpdump at '{}', interface {}, {}: {}",
                                              outcome_.node, outcome_.interface, what,
                                              words_.empty() ? "no answer in time" : words_));
    }

    lab::Session& session_;
    lab::StreamId stream_ = 0;
    CaptureOutcome outcome_;
    std::string words_; ///< standard error since it was looked at last
    bool ended_ = false;
};

Captures::Captures(lab::Session& session, const std::vector<scenario::Capture>& orders) {
    for (const scenario::Capture& order : orders)
        all_.push_back(std::make_unique<One>(session, order));
    for (const auto& one : all_)
        one->wait_ready();
}

Captures::~Captures() = default;

std::vector<CaptureOutcome> Captures::finish() {
    std::vector<CaptureOutcome> outcomes;
    for (const auto& one : all_)
        outcomes.push_back(one->finish());
    all_.clear();
    return outcomes;
}

} // namespace nflab::step
