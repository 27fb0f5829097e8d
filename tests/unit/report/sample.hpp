// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/step/outcome.hpp"
#include "tests/unit/verdict/sample.hpp"

/// One cell with a failed expectation in its only step.
namespace nflab::report::sample {

step::CellOutcome inline failed_cell() {
    using namespace verdict::sample;
    step::StepOutcome step;
    step.name = "ping <through> & back";
    step.sent = {ping(1, verdict::SentPacket::Result::timeout),
                 ping(2, verdict::SentPacket::Result::timeout)};
    auto accept = nft_accept(300, 2);
    auto drop = policy_drop(400, 2);
    accept.packet.icmp_sequence = drop.packet.icmp_sequence = 2;
    step.paths =
        verdict::assemble(step.sent, {nft_accept(), policy_drop(), accept, drop}, no_distance);
    step.checks = {
        {"{ at: client, reply: none }", 30, true, "no reply at client", "0 of 2", {}},
        {"{ at: router, verdict: accept }", 31, false, "at least one accept", "none", {0}}};
    step::CellOutcome cell;
    cell.status = step::CellOutcome::Status::failed;
    cell.scenario_name = "sample";
    cell.scenario_file = "sample.yaml";
    cell.kernel_name = "6.12";
    cell.kernel_release = "6.12.1-cloud-amd64";
    cell.boot = "fast";
    cell.accelerator = "tcg";
    cell.phases = {{"boot", std::chrono::milliseconds(1500)}};
    cell.observations = {{"router", "site", {}, 4, 3}};
    cell.steps = {step};
    cell.reproduce = "nflab run sample.yaml --kernel 6.12";
    cell.began = std::chrono::system_clock::time_point(std::chrono::hours(24 * 365 * 50));
    return cell;
}

} // namespace nflab::report::sample
