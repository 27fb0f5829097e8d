// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

struct peek_bpf;

/// The running kernel's memory, read through a BPF program that we run ourselves: it needs no
/// probe, works on every kernel from 5.10 on, and an address that is not mapped is just an error.
namespace nflab::nfverdict {

class KernelMemory {
  public:
    /// Throws Error(lab) with what the kernel said.
    KernelMemory();
    ~KernelMemory();
    KernelMemory(const KernelMemory&) = delete;
    KernelMemory& operator=(const KernelMemory&) = delete;

    /// False when the memory cannot be read. At most 4096 bytes.
    bool read(std::uint64_t address, void* to, std::size_t size) const;

    template <typename T>
    std::optional<T> value(std::uint64_t address) const {
        T out{};
        if (!read(address, &out, sizeof(out)))
            return {};
        return out;
    }

    /// Address of the struct net that the calling thread is in; 0 when that cannot be read.
    std::uint64_t current_netns() const;

  private:
    struct Free {
        void operator()(peek_bpf* object) const;
    };
    std::unique_ptr<peek_bpf, Free> object_;
};

} // namespace nflab::nfverdict
