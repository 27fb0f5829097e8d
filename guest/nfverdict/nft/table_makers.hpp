// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>

/// Who made a table: a rule of iptables-nft without any match or target of xtables is the same in
/// the kernel as one that nft was given. So the kernel's notices of transactions are read, which
/// name the program. Pure.
namespace nflab::nfverdict {

using TableName = std::pair<std::string, std::string>; ///< family and name

class TableMakers {
  public:
    /// One notice of the group NFNLGRP_NFTABLES: `type` is NFT_MSG_*, `message` begins with the
    /// struct nfgenmsg.
    void take(int type, std::span<const std::uint8_t> message);

    /// Notices were lost: nothing is certain any more.
    void forget() { of_xtables_.clear(); }

    /// Tables that a program of xtables has made, and no other program has touched.
    std::set<TableName> of_xtables() const;

  private:
    void commit(const std::string& program);

    std::map<TableName, bool> of_xtables_; ///< tables whose beginning has been seen
    std::set<TableName> touched_;          ///< by the transaction whose notices are coming in
    std::set<TableName> made_;
    std::set<TableName> deleted_;
};

} // namespace nflab::nfverdict
