// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/ledger.hpp"

#include "guest/traffic/output.hpp"

namespace nflab::traffic {

void Ledger::sent(Identity identity, Clock::time_point started) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    write_line(sent_line(identity, std::chrono::nanoseconds(now).count()));
    packets_.push_back({std::move(identity), started});
}

bool Ledger::is_pending(std::uint32_t number) const {
    return number < packets_.size() && packets_[number].pending;
}

void Ledger::replied(std::uint32_t number) {
    if (!is_pending(number))
        return;
    const auto rtt = Clock::now() - packets_[number].started;
    write_line(reply_line(packets_[number].identity,
                          std::chrono::duration_cast<std::chrono::microseconds>(rtt).count()));
    ++replies_;
    settle(number);
}

void Ledger::failed(std::uint32_t number, const Reason& reason) {
    if (!is_pending(number))
        return;
    write_line(failed_line(packets_[number].identity, reason));
    ++failed_;
    settle(number);
}

std::vector<std::uint32_t> Ledger::expire() {
    std::vector<std::uint32_t> expired;
    const auto now = Clock::now();
    while (!settled() && packets_[oldest_].started + timeout_ <= now) {
        const auto number = static_cast<std::uint32_t>(oldest_);
        write_line(timeout_line(packets_[number].identity));
        ++timeouts_;
        settle(number);
        expired.push_back(number);
    }
    return expired;
}

std::optional<Clock::time_point> Ledger::next_deadline() const {
    if (settled())
        return std::nullopt;
    return packets_[oldest_].started + std::chrono::duration_cast<Clock::duration>(timeout_);
}

std::optional<std::uint32_t> Ledger::oldest_pending() const {
    return settled() ? std::nullopt : std::optional(static_cast<std::uint32_t>(oldest_));
}

void Ledger::settle(std::uint32_t number) {
    packets_[number].pending = false;
    while (!settled() && !packets_[oldest_].pending)
        ++oldest_;
}

void Ledger::done() const {
    write_line(done_line(static_cast<unsigned>(packets_.size()), replies_, timeouts_, failed_));
}

} // namespace nflab::traffic
