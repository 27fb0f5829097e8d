// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/differential/helper.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace nflab::witness {

Helper::Helper(lab::Session& session, std::string node, std::vector<std::string> argv)
    : session_(session), node_(std::move(node)), program_(fmt::format("{}", fmt::join(argv, " "))) {
    channel::RunRequest request;
    request.argv = std::move(argv);
    request.input = true;
    lab::StreamHandler handler;
    handler.output = [this](std::string_view bytes) { output_.append(bytes); };
    handler.error_output = [this](std::string_view bytes) { complaint_.append(bytes); };
    handler.exit = [this](const channel::ExitStatus& status) {
        ended_ = true;
        complaint_ += status.error;
    };
    stream_ = session_.start(node_, request, std::move(handler));
}

Helper::~Helper() {
    session_.close(stream_);
}

void Helper::write(const std::string& bytes) {
    session_.send_input(stream_, bytes);
}

void Helper::end_input() {
    session_.end_input(stream_);
}

void Helper::wait_for(const std::string& text) {
    session_.wait([&] { return output_.find(text) != std::string::npos || ended_; }, patience);
    if (output_.find(text) == std::string::npos)
        throw Error(Failure::lab,
                    fmt::format("`{}` at '{}' does not answer: {}", program_, node_, complaint_));
}

std::string Helper::take() {
    return std::exchange(output_, {});
}

} // namespace nflab::witness
