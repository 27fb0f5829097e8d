// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/data_flow.hpp"

#include "guest/probesite/refused.hpp"

#include <algorithm>

namespace nflab::probesite {

namespace {

constexpr int most_passes = 200;
/// More than any frame has; not knowing a slot is always right.
constexpr std::size_t most_slots = 512;
constexpr std::size_t most_values = 1U << 20U;
constexpr std::uint32_t no_block = ~std::uint32_t{0};
/// Stack slots' places among the numbers of locations; registers are 0 to 15.
constexpr std::int64_t first_slot_location = std::int64_t{1} << 32;

} // namespace

const Slot* MachineState::slot(std::int64_t offset, std::uint8_t size) const {
    const auto found =
        std::lower_bound(slots.begin(), slots.end(), offset,
                         [](const Slot& s, std::int64_t at) { return s.offset < at; });
    return found != slots.end() && found->offset == offset && found->size == size ? &*found
                                                                                  : nullptr;
}

void MachineState::forget(std::int64_t from, std::int64_t to) {
    std::erase_if(slots, [&](const Slot& s) { return s.offset < to && s.offset + s.size > from; });
}

void MachineState::store(std::int64_t offset, std::uint8_t size, ValueId value) {
    forget(offset, offset + size);
    if (slots.size() == most_slots) {
        return;
    }
    const auto before =
        std::lower_bound(slots.begin(), slots.end(), offset,
                         [](const Slot& s, std::int64_t at) { return s.offset < at; });
    slots.insert(before, {offset, size, value});
}

DataFlow::DataFlow(const ControlFlow& code) : code_(code) {
    // The System V calling convention's integer arguments.
    constexpr std::array arguments{Gpr::rdi, Gpr::rsi, Gpr::rdx, Gpr::rcx, Gpr::r8, Gpr::r9};
    for (std::size_t i = 0; i < entry_.registers.size(); ++i) {
        entry_.registers[i] = values_.phi(no_block, static_cast<std::int64_t>(i));
    }
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        entry_.registers[static_cast<std::size_t>(arguments[i])] =
            values_.argument(static_cast<unsigned>(i));
    }
    entry_.registers[static_cast<std::size_t>(Gpr::rsp)] = values_.stack(0);
    find_blocks();
    settle();
}

void DataFlow::find_blocks() {
    const auto starts_block = [&](Index i) {
        const auto& before = code_.predecessors(i);
        return i == 0 || before.size() != 1 || code_.successors(before.front()).size() != 1;
    };
    // Post order over the blocks, without recursion: a hostile function may be one long chain.
    std::vector<std::vector<Index>> finished;
    std::vector<bool> seen(code_.size(), false);
    struct Visit {
        std::vector<Index> block;
        std::size_t next = 0;
    };
    const auto open = [&](Index first) {
        Visit visit{{first}};
        seen[first] = true;
        while (code_.successors(visit.block.back()).size() == 1 &&
               !starts_block(code_.successors(visit.block.back()).front())) {
            visit.block.push_back(code_.successors(visit.block.back()).front());
        }
        return visit;
    };
    std::vector<Visit> stack{open(0)};
    while (!stack.empty()) {
        auto& top = stack.back();
        const auto& ways = code_.successors(top.block.back());
        if (top.next < ways.size()) {
            const auto to = ways[top.next++];
            if (!seen[to]) {
                stack.push_back(open(to));
            }
            continue;
        }
        finished.push_back(std::move(top.block));
        stack.pop_back();
    }
    blocks_.assign(std::make_move_iterator(finished.rbegin()),
                   std::make_move_iterator(finished.rend()));
    block_of_.assign(code_.size(), no_block);
    for (std::uint32_t b = 0; b < blocks_.size(); ++b) {
        for (const auto i : blocks_[b]) {
            block_of_[i] = b;
        }
    }
    sources_.resize(blocks_.size());
    for (std::uint32_t b = 0; b < blocks_.size(); ++b) {
        for (const auto i : code_.predecessors(blocks_[b].front())) {
            sources_[b].push_back(block_of_[i]);
        }
    }
}

void DataFlow::settle() {
    in_.resize(blocks_.size());
    out_.resize(blocks_.size());
    differing_.resize(blocks_.size());
    lost_.resize(blocks_.size());
    for (int pass = 0; pass < most_passes; ++pass) {
        // Once something has changed, what later blocks hand back is out of date. Such loops are
        // left open until the next pass: only a difference that is real must be remembered.
        bool changed = pass == 0;
        for (std::uint32_t b = 0; b < blocks_.size(); ++b) {
            auto state = join(b, !changed);
            if (out_[b] && state == in_[b]) {
                continue;
            }
            changed = true;
            in_[b] = state;
            for (const auto i : blocks_[b]) {
                apply(state, i);
            }
            out_[b] = std::move(state);
            if (values_.size() > most_values) {
                refuse("data flow", "the function has more values than any known one");
            }
        }
        if (!changed) {
            return;
        }
    }
    refuse("data flow", "the values in registers and stack did not settle");
}

MachineState DataFlow::join(std::uint32_t block, bool with_loops) {
    std::vector<const MachineState*> from;
    if (block == 0) {
        from.push_back(&entry_);
    }
    for (const auto source : sources_[block]) {
        if (source < block || with_loops) {
            from.push_back(&*out_[source]);
        }
    }
    auto state = *from.front();
    auto& differing = differing_[block];
    const auto merge = [&](ValueId& value, std::int64_t location, ValueId other) {
        if (value != other) {
            differing.insert(location);
        }
        if (differing.contains(location)) {
            value = values_.phi(block, location);
        }
    };
    for (const auto* other : from) {
        for (std::size_t r = 0; r < state.registers.size(); ++r) {
            merge(state.registers[r], static_cast<std::int64_t>(r), other->registers[r]);
        }
        for (auto& slot : state.slots) {
            const auto location = first_slot_location + slot.offset * 16 + slot.size;
            if (const auto* same = other->slot(slot.offset, slot.size)) {
                merge(slot.value, location, same->value);
            } else {
                lost_[block].insert(location);
            }
        }
    }
    std::erase_if(state.slots, [&](const Slot& slot) {
        return lost_[block].contains(first_slot_location + slot.offset * 16 + slot.size);
    });
    return state;
}

MachineState DataFlow::before(Index i) {
    const auto block = block_of_[i];
    auto state = in_[block];
    for (const auto at : blocks_[block]) {
        if (at == i) {
            break;
        }
        apply(state, at);
    }
    return state;
}

std::vector<ValueId> DataFlow::incoming(ValueId phi) const {
    const Value value = values_[phi];
    std::vector<ValueId> found;
    if (value.kind != Value::Kind::phi || value.where >= blocks_.size()) {
        return found;
    }
    for (const auto source : sources_[value.where]) {
        const MachineState& state = *out_[source];
        const auto reg = static_cast<std::size_t>(value.number);
        if (reg < state.registers.size()) {
            found.push_back(state.registers[reg]);
            continue;
        }
        const auto slot = std::find_if(state.slots.begin(), state.slots.end(), [&](const Slot& s) {
            return first_slot_location + s.offset * 16 + s.size == value.number;
        });
        if (slot == state.slots.end()) {
            return {};
        }
        found.push_back(slot->value);
    }
    return found;
}

std::optional<DataFlow::StackStore> DataFlow::stack_store(Index i) {
    const auto& instruction = code_[i];
    const auto& to = instruction.operands[0];
    if (instruction.operation != Operation::move || to.kind != Operand::Kind::memory) {
        return std::nullopt;
    }
    auto state = before(i);
    const auto offset = values_.as_stack(address(state, to, i));
    if (!offset) {
        return std::nullopt;
    }
    const auto size = static_cast<std::uint8_t>(to.bits / 8);
    const auto value = values_.low(read(state, instruction.operands[1], i), size);
    return StackStore{i, *offset, size, value};
}

} // namespace nflab::probesite
