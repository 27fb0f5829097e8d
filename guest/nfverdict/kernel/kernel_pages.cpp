// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/kernel_pages.hpp"

#include "guest/nfverdict/kernel/direct_map.hpp"
#include "harness/base/unique_fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <vector>

namespace nflab::nfverdict {
namespace {

// A segment takes 56 bytes, and a machine has a few dozen ranges of memory.
constexpr std::size_t kcore_head = 16384;

std::vector<std::uint8_t> read_kcore() {
    const UniqueFd file(::open("/proc/kcore", O_RDONLY | O_CLOEXEC));
    std::vector<std::uint8_t> out(kcore_head);
    const ssize_t got = file ? ::pread(file.get(), out.data(), out.size(), 0) : 0;
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
}

} // namespace

nfv_pages kernel_pages(KernelTypes& types) {
    const auto size = types.size("", "page");
    const auto count = types.offset("", "skb_shared_info", "nr_frags");
    const auto frags = types.offset("", "skb_shared_info", "frags");
    if (!size || !count || !frags)
        return {};
    const auto map = find_direct_map(read_kcore(), *size);
    if (!map)
        return {};
    return {map->memory, map->pages, *size, *count, *frags};
}

} // namespace nflab::nfverdict
