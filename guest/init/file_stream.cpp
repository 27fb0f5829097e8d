// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/file_stream.hpp"

#include "guest/init/problem.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace nflab::agent {
namespace {

constexpr const char* given_up = "given up before the end";

} // namespace

PutStream::PutStream(Connection& connection, std::uint32_t id, channel::PutRequest request)
    : Stream(connection, id), request_(std::move(request)) {
    struct stat found {};
    if (stat(request_.path.c_str(), &found) == 0 && !S_ISREG(found.st_mode)) {
        fail("cannot write " + request_.path + ": it exists and is not a regular file");
        return;
    }
    std::string name = request_.path + ".XXXXXX";
    file_.reset(mkostemp(name.data(), O_CLOEXEC));
    if (!file_)
        fail(problem("cannot write " + request_.path));
    else
        temporary_ = name;
}

PutStream::~PutStream() {
    if (!temporary_.empty())
        unlink(temporary_.c_str());
}

void PutStream::fail_here(const std::string& what) {
    fail(problem(what + request_.path));
}

void PutStream::input(std::string_view bytes) {
    const std::size_t all = bytes.size();
    while (!finished() && !bytes.empty()) {
        const ssize_t size = write(file_.get(), bytes.data(), bytes.size());
        if (size < 0 && errno != EINTR)
            fail_here("cannot write ");
        else if (size > 0)
            bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    took_input(all);
}

void PutStream::input_end() {
    if (finished())
        return;
    if (fchmod(file_.get(), request_.mode & 07777U) != 0)
        fail_here("cannot set the mode of ");
    else if (rename(temporary_.c_str(), request_.path.c_str()) != 0)
        fail_here("cannot write ");
    else {
        temporary_.clear();
        finish({});
    }
}

void PutStream::signal(int /*number*/) {
    fail(given_up);
}

GetStream::GetStream(Connection& connection, std::uint32_t id, const channel::GetRequest& request)
    : Stream(connection, id), path_(request.path) {
    // Without O_NONBLOCK, opening a FIFO would wait for its writer.
    file_.reset(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat found {};
    if (!file_ || fstat(file_.get(), &found) != 0)
        fail(problem("cannot read " + path_));
    else if (!S_ISREG(found.st_mode))
        fail("cannot read " + path_ + ": it is not a regular file");
}

void GetStream::signal(int /*number*/) {
    fail(given_up);
}

void GetStream::watch(std::vector<pollfd>& polls) const {
    if (may_send())
        polls.push_back({file_.get(), POLLIN, 0}); // a regular file is always ready
}

void GetStream::work() {
    if (finished() || !may_send())
        return;
    std::string buffer(1U << 18, '\0');
    const ssize_t size = read(file_.get(), buffer.data(), buffer.size());
    if (size > 0)
        send(channel::FrameType::output,
             std::string_view(buffer).substr(0, static_cast<std::size_t>(size)));
    else if (size == 0)
        finish({});
    else if (errno != EINTR && errno != EAGAIN)
        fail(problem("cannot read " + path_));
}

} // namespace nflab::agent
