// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/observe/snapshot.hpp"

#include "harness/observe/finding.hpp"
#include "harness/observe/nft_text.hpp"
#include "harness/observe/words.hpp"
#include "harness/scenario/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace nflab::observe {
namespace {

constexpr std::string_view mark = "==== ";

// Connections come and go by themselves; whoever means them says so.
bool is_state(std::string_view part) {
    return part == "conntrack";
}

std::vector<std::string> parts_of(const scenario::Unchanged& wanted) {
    if (!wanted.parts.empty())
        return wanted.parts;
    std::vector<std::string> parts;
    for (const std::string_view part : scenario::snapshot_parts)
        if (!is_state(part))
            parts.emplace_back(part);
    return parts;
}

// The first lines that only one of them has.
std::vector<std::string> differences(const std::string& before, const std::string& after) {
    const auto old_lines = lines_of(before);
    const auto new_lines = lines_of(after);
    std::vector<std::string> result;
    const auto only_in = [&](const std::vector<std::string>& these,
                             const std::vector<std::string>& those, char sign) {
        for (const std::string& line : these)
            if (std::count(these.begin(), these.end(), line) >
                std::count(those.begin(), those.end(), line))
                result.push_back(fmt::format("{}{}", sign, line));
    };
    only_in(old_lines, new_lines, '-');
    only_in(new_lines, old_lines, '+');
    if (result.empty())
        result.emplace_back("the same lines in another order");
    return result;
}

} // namespace

Look snapshot_look() {
    constexpr const char* script = R"(
echo '==== nftables'
[ -e /sys/module/nf_tables ] && nft list ruleset
for family in ip ip6; do
    echo "==== ${family}tables"
    [ -e /sys/module/${family}_tables ] && ${family}tables-legacy-save -c
done
echo '==== arptables'
for table in $(cat /proc/net/arp_tables_names 2>/dev/null); do
    echo "*$table"; arptables-legacy -t "$table" -nvL
done
echo '==== ebtables'
for table in filter nat broute; do
    [ -e /sys/module/ebtable_$table ] && ebtables-legacy -t $table -L --Lc
done
echo '==== ipset'
[ -e /sys/module/ip_set ] && ipset save
echo '==== conntrack'
if [ -e /proc/net/nf_conntrack ]; then cat /proc/net/nf_conntrack
elif [ -e /sys/module/nf_conntrack ]; then
    for family in ipv4 ipv6; do conntrack -L -f $family -o extended 2>/dev/null; done
fi
echo '==== addresses'
ip -o address
echo '==== routes'
for family in -4 -6; do ip $family rule; ip $family route show table all; done
echo '==== sysctls'
# Whoever reads these two is told off in the kernel's log.
grep -rsH --exclude=base_reachable_time --exclude=retrans_time '' /proc/sys/net
true)";
    return {{"bash", "-c", script}, std::chrono::seconds(60)};
}

std::map<std::string, std::string> snapshot_parts_of(std::string_view text) {
    std::map<std::string, std::string> parts;
    std::string part;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        const auto line = text.substr(begin, end - begin);
        if (line.rfind(mark, 0) == 0) {
            part = line.substr(mark.size());
            parts[part];
        } else if (!part.empty()) {
            parts[part].append(line).push_back('\n');
        }
        begin = end + 1;
    }
    return parts;
}

std::string settled(const std::string& part, std::string_view text) {
    std::string result;
    for (const std::string& line : lines_of(text)) {
        std::string kept = line;
        const auto drop = [&](const char* expression) {
            kept = std::regex_replace(kept, std::regex(expression), "");
        };
        if (part == "nftables") {
            kept = stateless(line);
        } else if (part == "iptables" || part == "ip6tables") {
            if (line.front() == '#')
                continue;
            drop(R"( ?\[[0-9]+:[0-9]+\] ?)");
        } else if (part == "arptables") {
            drop(R"(,? *(pcnt|bcnt)=[0-9]+[KMGT]? *(--)?)");
            drop(R"( ?[0-9]+[KMGT]? packets, [0-9]+[KMGT]? bytes)");
        } else if (part == "ebtables") {
            drop(R"(,? *pcnt = [0-9]+ -- bcnt = [0-9]+)");
        } else if (part == "ipset") {
            drop(R"( (timeout|packets|bytes) [0-9]+)");
        } else if (part == "conntrack") {
            kept = std::regex_replace(kept, std::regex(R"(^(ipv[46] +[0-9]+ \S+ +[0-9]+) [0-9]+)"),
                                      "$1");
            drop(R"( (use|packets|bytes|delta-time)=[0-9]+)");
        } else if (part == "addresses") {
            drop(R"( (valid|preferred)_lft \S+)");
        } else if (part == "routes") {
            drop(R"( (expires|age) \S+)");
        } else if (line.find("/nf_conntrack_count:") != std::string::npos) {
            continue;
        }
        result += kept.substr(0, kept.find_last_not_of(' ') + 1) + "\n";
    }
    return result;
}

Look restore_look() {
    // What came since has no text to be loaded: its rules and chains go, its policies open.
    constexpr const char* script = R"(
set -e
text=$(cat)
part() { sed -n "/^==== $1\$/,/^==== /{/^==== /d;p}" <<<"$text"; }
if [ -e /sys/module/nf_tables ]; then
    if part nftables | grep -qE ' xt (match|target) '; then
        echo 'nft cannot load what the nft variants of iptables have made' >&2; exit 1
    fi
    { echo 'flush ruleset'; part nftables; } | nft -f -
fi
for family in ip ip6; do
    [ -e /sys/module/${family}_tables ] || continue
    for table in $(cat /proc/net/${family}_tables_names); do
        part ${family}tables | grep -qx "\*$table" && continue
        ${family}tables-legacy -t $table -F; ${family}tables-legacy -t $table -X
        for chain in PREROUTING INPUT FORWARD OUTPUT POSTROUTING; do
            ${family}tables-legacy -t $table -P $chain ACCEPT 2>/dev/null || true
        done
    done
    part ${family}tables | ${family}tables-legacy-restore
done)";
    return {{"bash", "-c", script}, std::chrono::seconds(60)};
}

Look look_at(const scenario::Unchanged& /*wanted*/) {
    return snapshot_look();
}

Finding examine(const scenario::Unchanged& wanted, const Answer& now, const Answer* then) {
    Finding finding;
    const auto parts = parts_of(wanted);
    finding.expected = fmt::format("nothing changed since {}{}", wanted.since,
                                   wanted.parts.empty() ? "" : " in " + some_of(parts, "", 20));
    if (const std::string why = failure(now); !why.empty() || then == nullptr) {
        finding.seen = "the state cannot be read: " + (why.empty() ? "there is no snapshot" : why);
        return finding;
    }
    const auto before = snapshot_parts_of(then->out);
    const auto after = snapshot_parts_of(now.out);
    std::vector<std::string> changes;
    for (const std::string& part : parts) {
        const auto old_part = before.find(part);
        const auto new_part = after.find(part);
        if (old_part == before.end() || new_part == after.end()) {
            finding.seen = fmt::format("{} cannot be read", part);
            return finding;
        }
        const std::string old_text = settled(part, old_part->second);
        const std::string new_text = settled(part, new_part->second);
        if (old_text != new_text)
            changes.push_back(
                fmt::format("{}: {}", part, some_of(differences(old_text, new_text), "", 4)));
    }
    finding.holds = changes.empty() ? Finding::Holds::yes : Finding::Holds::no;
    finding.seen = some_of(changes, "nothing has changed", 10);
    return finding;
}

} // namespace nflab::observe
