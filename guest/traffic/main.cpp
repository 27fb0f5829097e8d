// SPDX-License-Identifier: GPL-2.0-or-later
// nftraffic: sends recognisable packets, or echoes them (docs/formats/traffic.md).
// Exit codes: 0 all was sent, whatever came back; 2 wrong arguments; 3 nothing could be sent.
#include "guest/traffic/echo_server.hpp"
#include "guest/traffic/event.hpp"
#include "guest/traffic/flood.hpp"
#include "guest/traffic/frames.hpp"
#include "guest/traffic/judge.hpp"
#include "guest/traffic/options.hpp"
#include "guest/traffic/output.hpp"
#include "guest/traffic/sender.hpp"

#include <csignal>
#include <cstdio>

namespace {

using namespace nflab::traffic;

int fail(int code, const std::string& message) {
    std::fprintf(stderr, "nftraffic: %s\n", message.c_str());
    return code;
}

int send(const SendOptions& options) {
    const std::string error = send_traffic(options);
    if (error.empty())
        return 0;
    return fail(error.rfind("--", 0) == 0 ? 2 : 3, error);
}

int serve(const ServeOptions& options) {
    EchoServer server;
    std::string error = server.open(options);
    if (error.empty()) {
        write_line(listening_line(options));
        error = server.run();
    }
    return error.empty() ? 0 : fail(3, error);
}

} // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    const Options options = parse_options({argv + 1, argv + argc});
    if (const auto* error = std::get_if<UsageError>(&options)) {
        fail(2, error->message);
        std::fputs(usage_text, stderr);
        return 2;
    }
    if (std::holds_alternative<HelpRequest>(options))
        return std::fputs(usage_text, stdout) < 0 ? 3 : 0;
    if (std::holds_alternative<VersionRequest>(options))
        return std::printf("nftraffic %s\n", NFLAB_VERSION) < 0 ? 3 : 0;
    if (const auto* serving = std::get_if<ServeOptions>(&options))
        return serve(*serving);
    if (const auto* flooding = std::get_if<FloodOptions>(&options)) {
        const std::string error = flood(*flooding);
        return error.empty() ? 0 : fail(error.starts_with("--") ? 2 : 3, error);
    }
    if (const auto* framing = std::get_if<FramesOptions>(&options)) {
        const std::string error = send_frames(*framing);
        return error.empty() ? 0 : fail(error.starts_with("line ") ? 2 : 3, error);
    }
    if (const auto* judging = std::get_if<JudgeOptions>(&options)) {
        const std::string error = judge(*judging);
        return error.empty() ? 0 : fail(3, error);
    }
    return send(std::get<SendOptions>(options));
}
