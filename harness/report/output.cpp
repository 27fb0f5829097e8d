// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/output.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace nflab::report {
namespace {

[[noreturn]] void fail(const std::string& path) {
    throw Error(Failure::bad_input, fmt::format("cannot write {}", path));
}

} // namespace

Output::Output(const std::string& path) : path_(path) {
    if (path_ == "-")
        return;
    file_.open(path_, std::ios::binary);
    if (!file_)
        fail(path_);
}

void Output::write(std::string_view text) {
    if (path_ == "-") {
        if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() ||
            std::fflush(stdout) != 0)
            fail("standard output");
        return;
    }
    file_.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file_.flush())
        fail(path_);
}

} // namespace nflab::report
