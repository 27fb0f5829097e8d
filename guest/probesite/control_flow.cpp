// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/control_flow.hpp"

#include "guest/probesite/refused.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nflab::probesite {

namespace {

/// Ten times the largest of the functions that are looked at; bounds the work on hostile input.
constexpr std::size_t most_instructions = 6000;

} // namespace

bool ControlFlow::Part::contains(Place place) const {
    return place.section == start.section && place.offset >= start.offset &&
           place.offset - start.offset < size;
}

ControlFlow::ControlFlow(const ElfModule& module, const std::map<Place, JumpSite>& jump_sites,
                         std::string_view function)
    : jump_sites_(jump_sites) {
    find_parts(module, function);
    follow(module);
}

void ControlFlow::find_parts(const ElfModule& module, std::string_view function) {
    const std::string cold = std::string(function) + ".cold";
    for (const auto& symbol : module.symbols()) {
        if (!symbol.function || symbol.size == 0) {
            continue;
        }
        const bool is_cold =
            symbol.name == cold || symbol.name.substr(0, cold.size() + 1) == cold + ".";
        if (symbol.name == function) {
            parts_.insert(parts_.begin(), {symbol.name, symbol.at, symbol.size});
        } else if (is_cold) {
            parts_.push_back({symbol.name, symbol.at, symbol.size});
        }
    }
    if (parts_.empty() || parts_.front().symbol != function) {
        refuse("function", fmt::format("the module has no function {} of its own", function));
    }
    if (parts_.size() > 1 && parts_[1].symbol == function) {
        refuse("function", fmt::format("the module has more than one function {}", function));
    }
}

bool ControlFlow::inside(Place place) const {
    return std::any_of(parts_.begin(), parts_.end(),
                       [&](const Part& part) { return part.contains(place); });
}

std::vector<Place> ControlFlow::ways_from(Instruction& instruction) const {
    std::vector<Place> ways;
    const auto add = [&](Place place) {
        if (inside(place) && std::find(ways.begin(), ways.end(), place) == ways.end()) {
            ways.push_back(place);
        }
    };
    // The kernel may write either form at a jump-label site, whatever is there in the file.
    if (const auto site = jump_sites_.find(instruction.at); site != jump_sites_.end()) {
        add(instruction.next());
        add(site->second.target);
        instruction.flow = Flow::branch;
        instruction.target = site->second.target;
        return ways;
    }
    switch (instruction.flow) {
    case Flow::jump:
        if (!inside(instruction.target)) {
            instruction.flow = Flow::leave_function;
            break;
        }
        add(instruction.target);
        break;
    case Flow::branch:
        add(instruction.next());
        add(instruction.target);
        break;
    case Flow::next:
    case Flow::call:
    case Flow::indirect_call:
        add(instruction.next());
        break;
    case Flow::indirect_jump:
    case Flow::leave_function:
    case Flow::stop:
        break;
    }
    return ways;
}

void ControlFlow::follow(const ElfModule& module) {
    std::vector<Place> waiting{parts_.front().start};
    std::vector<std::vector<Place>> ways;
    while (!waiting.empty()) {
        const auto place = waiting.back();
        waiting.pop_back();
        if (index_.contains(place)) {
            continue;
        }
        auto instruction = decode(module, place);
        if (!instruction) {
            refuse("disassembly", fmt::format("no valid instruction at offset {:#x} of section {}",
                                              place.offset, place.section));
        }
        if (instructions_.size() == most_instructions) {
            refuse("disassembly", "the function is far larger than any known one");
        }
        index_.emplace(place, size());
        ways.push_back(ways_from(*instruction));
        instructions_.push_back(*instruction);
        waiting.insert(waiting.end(), ways.back().rbegin(), ways.back().rend());
    }
    successors_.resize(size());
    predecessors_.resize(size());
    for (Index i = 0; i < size(); ++i) {
        for (const auto& place : ways[i]) {
            const auto to = index_.at(place);
            successors_[i].push_back(to);
            predecessors_[to].push_back(i);
        }
    }
}

std::optional<ControlFlow::Index> ControlFlow::index_of(Place place) const {
    const auto found = index_.find(place);
    return found == index_.end() ? std::nullopt : std::optional(found->second);
}

const JumpSite* ControlFlow::jump_site(Index i) const {
    const auto found = jump_sites_.find(instructions_[i].at);
    return found == jump_sites_.end() ? nullptr : &found->second;
}

std::vector<bool> ControlFlow::reach(Index start, std::initializer_list<Index> cut) const {
    std::vector<bool> reached(size(), false);
    const auto blocked = [&](Index i) { return std::find(cut.begin(), cut.end(), i) != cut.end(); };
    std::vector<Index> waiting;
    const auto visit = [&](Index i) {
        if (!reached[i] && !blocked(i)) {
            reached[i] = true;
            waiting.push_back(i);
        }
    };
    visit(start);
    while (!waiting.empty()) {
        const auto i = waiting.back();
        waiting.pop_back();
        for (const auto to : successors_[i]) {
            visit(to);
        }
    }
    return reached;
}

bool ControlFlow::dominates(Index earlier, Index later) const {
    return earlier == later || !reach(0, {earlier})[later];
}

bool ControlFlow::leaves(const std::vector<bool>& reached) const {
    for (Index i = 0; i < size(); ++i) {
        if (reached[i] && instructions_[i].flow == Flow::leave_function) {
            return true;
        }
    }
    return false;
}

bool ControlFlow::has_indirect_jump() const {
    return std::any_of(instructions_.begin(), instructions_.end(),
                       [](const auto& i) { return i.flow == Flow::indirect_jump; });
}

ControlFlow::Index ControlFlow::probe_at(Index from) const {
    for (Index steps = 0; jump_site(from) != nullptr; ++steps) {
        const auto next = index_of(instructions_[from].next());
        if (!next || steps > size()) {
            refuse("probe site", "nothing but jump-label sites where the probe should be");
        }
        from = *next;
    }
    if (instructions_[from].undefined) {
        refuse("probe site", "the probe would be on a trap instruction of the kernel");
    }
    return from;
}

ProbePoint ControlFlow::point(Index i) const {
    const auto place = instructions_[i].at;
    for (const auto& part : parts_) {
        if (part.contains(place)) {
            return {std::string(part.symbol), place.offset - part.start.offset};
        }
    }
    return {};
}

} // namespace nflab::probesite
