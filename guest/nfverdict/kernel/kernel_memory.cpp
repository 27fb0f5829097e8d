// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/kernel_memory.hpp"

#include "harness/base/error.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <peek.skel.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace nflab::nfverdict {
namespace {

bool run(const bpf_program* program, const std::array<std::uint64_t, 2>& arguments) {
    LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = arguments.data(),
                .ctx_size_in = sizeof(arguments), );
    return bpf_prog_test_run_opts(bpf_program__fd(program), &options) == 0 && options.retval == 0;
}

} // namespace

void KernelMemory::Free::operator()(peek_bpf* object) const {
    peek_bpf__destroy(object);
}

KernelMemory::KernelMemory() : object_(peek_bpf__open_and_load()) {
    if (!object_)
        throw Error(Failure::lab,
                    std::string("the kernel does not let its memory be read by a BPF program: ") +
                        std::strerror(errno),
                    "root in the initial user namespace is needed, and lockdown must not be in "
                    "confidentiality mode");
}

KernelMemory::~KernelMemory() = default;

bool KernelMemory::read(std::uint64_t address, void* to, std::size_t size) const {
    if (size > sizeof(object_->bss->copied) || !run(object_->progs.copy, {address, size}))
        return false;
    std::memcpy(to, static_cast<const void*>(object_->bss->copied), size);
    return true;
}

std::uint64_t KernelMemory::current_netns() const {
    return run(object_->progs.find_netns, {}) ? object_->bss->netns : 0;
}

} // namespace nflab::nfverdict
