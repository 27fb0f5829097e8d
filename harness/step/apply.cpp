// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/apply.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>

#include <cctype>
#include <string>

namespace nflab::step {
namespace {

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

// "/dev/stdin:3:5-9: Error: syntax error" (nft) or "Error occurred at line: 3" (iptables-restore):
// the line counts within the ruleset's own text; 0 when the tool does not say.
int line_in_ruleset(const std::string& complaint) {
    for (const std::string mark : {"stdin:", "line: ", "line "}) {
        const std::size_t at = complaint.find(mark);
        if (at == std::string::npos || at + mark.size() >= complaint.size())
            continue;
        const char* digits = complaint.c_str() + at + mark.size();
        if (std::isdigit(static_cast<unsigned char>(*digits)))
            return std::atoi(digits);
    }
    return 0;
}

// arptables-legacy-restore needs Perl, which no guest has. Rules have no spaces within a word.
constexpr const char* arptables_restore = R"(set -e
table=filter number=0
while read -r line; do
    number=$((number + 1))
    trap 'echo "line $number: $line" >&2' ERR
    case $line in
    '' | '#'* | COMMIT) ;;
    '*'*) table=${line#?} && arptables-legacy -t "$table" -F && arptables-legacy -t "$table" -X ;;
    :*' -'*) set -- ${line#?} && arptables-legacy -t "$table" -N "$1" ;;
    :*) set -- ${line#?} && arptables-legacy -t "$table" -P "$1" "$2" ;;
    *) arptables-legacy -t "$table" $line ;;
    esac
done)";

} // namespace

std::vector<std::string> loader(const std::string& engine) {
    if (engine == "nftables")
        return {"nft", "-f", "-"};
    if (engine == "arptables-legacy")
        return {"bash", "-c", arptables_restore};
    return {engine + "-restore"};
}

void apply(lab::Session& session, const scenario::Ruleset& ruleset, const std::string& file) {
    channel::RunRequest request;
    request.argv = loader(ruleset.engine);
    request.input = true;
    request.timeout_ms = 60'000;
    const lab::RunResult result = session.run(ruleset.node, request, ruleset.text);
    if (result.status.ok())
        return;
    if (result.status.timed_out)
        throw Error(Failure::lab, fmt::format("node '{}' did not load its {} ruleset within 60 s",
                                              ruleset.node, ruleset.engine));
    const std::string complaint = !result.status.error.empty() ? result.status.error : result.err;
    const int line = line_in_ruleset(complaint);
    const std::string source = ruleset.file.empty() ? file : ruleset.file;
    const int base = ruleset.file.empty() ? ruleset.where.line : 1;
    throw Error(Failure::bad_input,
                fmt::format("{}:{}: node '{}' refuses this {} ruleset: {}", source,
                            line > 0 ? base + line - 1 : base, ruleset.node, ruleset.engine,
                            first_line(complaint)),
                fmt::format("{} said:\n{}", request.argv[0], complaint));
}

CommandOutcome run_command(lab::Session& session, const scenario::RunCommand& command) {
    channel::RunRequest request;
    request.argv = {"bash", "-c", command.command};
    request.timeout_ms = static_cast<std::uint32_t>(command.timeout.count());
    const lab::RunResult result = session.run(command.node, request);
    CommandOutcome outcome;
    outcome.node = command.node;
    outcome.command = command.command;
    outcome.exit_code = result.status.code;
    outcome.signal = result.status.signal;
    outcome.timed_out = result.status.timed_out;
    outcome.out = result.out;
    outcome.err = result.status.error.empty() ? result.err : result.status.error;
    return outcome;
}

} // namespace nflab::step
