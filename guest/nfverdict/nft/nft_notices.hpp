// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/nft/table_makers.hpp"
#include "harness/base/unique_fd.hpp"

namespace nflab::nfverdict {

/// The kernel's notices of nftables' transactions in one network namespace.
class NftNotices {
  public:
    /// Listens in the namespace that the caller is in. Throws Error(lab).
    NftNotices();

    /// Takes what has come in; never waits. Notices of a transaction that is over are there.
    const TableMakers& catch_up();

  private:
    UniqueFd socket_;
    TableMakers makers_;
};

} // namespace nflab::nfverdict
