// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/init/stream.hpp"
#include "harness/base/unique_fd.hpp"

#include <string>

namespace nflab::agent {

/// Writes a file beside its final place and renames it at the end.
class PutStream : public Stream {
  public:
    PutStream(Connection& connection, std::uint32_t id, channel::PutRequest request);
    ~PutStream() override;

    void input(std::string_view bytes) override;
    void input_end() override;
    void signal(int number) override;
    void watch(std::vector<pollfd>&) const override {}
    void work() override {}

  private:
    void fail_here(const std::string& what);

    channel::PutRequest request_;
    std::string temporary_;
    UniqueFd file_;
};

/// Sends a file.
class GetStream : public Stream {
  public:
    GetStream(Connection& connection, std::uint32_t id, const channel::GetRequest& request);

    void signal(int number) override;
    void watch(std::vector<pollfd>& polls) const override;
    void work() override;

  private:
    std::string path_;
    UniqueFd file_;
};

} // namespace nflab::agent
