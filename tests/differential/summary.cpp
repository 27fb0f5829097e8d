// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/session.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace nflab::witness {

void to_json(nlohmann::json& out, const Summary& summary) {
    nlohmann::json compared = nlohmann::json::object();
    for (const auto& [check, count] : summary.compared)
        compared[name_of(check)] = count;
    nlohmann::json differed = nlohmann::json::object();
    for (const auto& [check, count] : summary.differed)
        differed[name_of(check)] = count;
    out = {{"kernel", summary.kernel},
           {"method", summary.method},
           {"seed", summary.seed},
           {"packets", summary.packets},
           {"batches", summary.batches},
           {"records", summary.records},
           {"verdicts", summary.verdicts},
           {"agreements", compared},
           {"disagreements", differed},
           {"wrong", summary.wrong},
           {"unexplained", summary.unexplained},
           {"refused", summary.refused},
           {"lost", summary.lost},
           {"oracle_lines", summary.oracle_lines},
           {"rejected_runs", summary.rejected_runs},
           {"seconds", summary.seconds},
           {"passed", summary.passed()}};
}

std::string to_text(const Summary& summary) {
    std::string out =
        fmt::format("\n{}  method {}  seed {}\n"
                    "  {} packets in {} rulesets, each without and under the oracles, {:.0f} s\n"
                    "  {} records, {} events lost; {} oracle lines, {} runs repeated\n",
                    summary.kernel, summary.method, summary.seed, summary.packets, summary.batches,
                    summary.seconds, summary.records, summary.lost, summary.oracle_lines,
                    summary.rejected_runs);
    out += "  agreements\n";
    for (const auto& [check, count] : summary.compared)
        out += fmt::format("    {:<28} {:>8}\n", name_of(check), count);
    out += "  verdicts that an oracle confirmed\n";
    for (const auto& [kind, count] : summary.verdicts)
        out += fmt::format("    {:<28} {:>8}\n", kind, count);
    for (const auto& [check, count] : summary.differed)
        out += fmt::format("  differs by {}: {}\n", name_of(check), count);
    return out + fmt::format("  wrong {}, unexplained {}, rulesets refused {}\n", summary.wrong,
                             summary.unexplained, summary.refused);
}

} // namespace nflab::witness
