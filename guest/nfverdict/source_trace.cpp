// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/source_trace.hpp"

#include "guest/nfverdict/kretprobe_source.hpp"
#include "guest/nfverdict/output.hpp"
#include "guest/nfverdict/record_source.hpp"
#include "harness/base/error.hpp"
#include "harness/base/unique_fd.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/signalfd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <memory>
#include <string>

namespace nflab::nfverdict {
namespace {

using Clock = std::chrono::steady_clock;

std::unique_ptr<RecordSource> make_source(const Options& options, Output& output) {
    const auto notice = [&output](const std::string& text) { output.notice(text); };
    switch (*options.method) {
    case Method::kretprobe:
        return std::make_unique<KretprobeSource>(options, notice);
    case Method::site:
    case Method::decoy:
        break;
    }
    throw Error(Failure::bad_input, "this method has no source of records");
}

UniqueFd block_signals() {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    ::signal(SIGPIPE, SIG_IGN);
    ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
    return UniqueFd(::signalfd(-1, &wanted, SFD_CLOEXEC));
}

class SourceTrace {
  public:
    explicit SourceTrace(const Options& options)
        : options_(options), signals_(block_signals()),
          output_(options.json ? Output::Format::json : Output::Format::text),
          source_(make_source(options, output_)) {}

    int run() {
        already_lost_ = source_->lost();
        output_.line(source_->describe());
        output_.flush();
        if (options_.duration)
            end_ = Clock::now() + *options_.duration;
        while (!over_ && output_.good()) {
            wait();
            catch_up();
            answer();
            output_.flush();
        }
        catch_up();
        output_.line({{"type", "done"}, {"records", records_}, {"lost", lost_}});
        output_.flush();
        return 0;
    }

  private:
    void wait() {
        int timeout = -1;
        if (end_)
            timeout = std::max(
                0, static_cast<int>(
                       std::chrono::ceil<std::chrono::milliseconds>(*end_ - Clock::now()).count()));
        std::array<pollfd, 3> fds{{{source_->fd(), POLLIN, 0},
                                   {signals_.get(), POLLIN, 0},
                                   {input_open_ ? 0 : -1, POLLIN, 0}}};
        if (::poll(fds.data(), fds.size(), timeout) < 0 && errno != EINTR)
            over_ = true;
        over_ = over_ || fds[1].revents != 0 || (end_ && Clock::now() >= *end_);
        if (fds[2].revents == 0)
            return;
        std::array<char, 512> bytes{};
        const ssize_t size = ::read(0, bytes.data(), bytes.size());
        input_open_ = size > 0;
        over_ = over_ || (!input_open_ && options_.until_eof);
        if (input_open_)
            input_.append(bytes.data(), static_cast<std::size_t>(size));
    }

    void catch_up() {
        source_->take([this](const verdict::Record& record) {
            if (!options_.records.matches(record))
                return;
            ++records_;
            output_.record(record);
        });
        const std::uint64_t now = source_->lost() - already_lost_;
        if (now == lost_)
            return;
        output_.line({{"type", "lost"}, {"count", now - lost_}});
        lost_ = now;
    }

    /// "sync N": everything up to now is out when the answer is.
    void answer() {
        constexpr std::string_view request = "sync ";
        for (auto end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
            const std::string line = input_.substr(0, end);
            input_.erase(0, end + 1);
            std::uint64_t value = 0;
            const bool known =
                line.starts_with(request) &&
                std::from_chars(line.data() + request.size(), line.data() + line.size(), value)
                        .ec == std::errc{};
            if (!known) {
                output_.error(
                    fmt::format("unknown request \"{}\"; known is \"sync NUMBER\"", line));
                continue;
            }
            catch_up();
            output_.line({{"type", "sync"}, {"value", value}});
        }
    }

    Options options_;
    UniqueFd signals_;
    Output output_;
    std::unique_ptr<RecordSource> source_;
    std::optional<Clock::time_point> end_;
    std::string input_;
    bool input_open_ = true;
    bool over_ = false;
    std::uint64_t records_ = 0;
    std::uint64_t lost_ = 0;
    std::uint64_t already_lost_ = 0;
};

} // namespace

bool is_record_source(Method method) {
    return method != Method::site && method != Method::decoy;
}

int source_trace(const Options& options) {
    if (!options.packets.empty())
        throw Error(Failure::bad_input,
                    "this method reports no packet bytes that a packet filter could look at",
                    "leave the filter out, or the --method");
    SourceTrace running(options);
    return running.run();
}

int source_check(const Options& options, bool json) {
    Output output(json ? Output::Format::json : Output::Format::text);
    const auto source = make_source(options, output);
    nlohmann::json found = source->describe();
    found["type"] = "check";
    if (json) {
        output.line(found);
        output.flush();
        return 0;
    }
    fmt::print("kernel    {}\nmethod    {}\n", found["kernel"].get<std::string>(),
               found["method"].get<std::string>());
    for (const auto& engine : found["engines"])
        for (const auto& site : engine.value("sites", nlohmann::json::array()))
            fmt::print("{:<10}probe {}\n", engine["engine"].get<std::string>(),
                       site.get<std::string>());
    return 0;
}

} // namespace nflab::nfverdict
