// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/source_trace.hpp"

#include "guest/nfverdict/kretprobe_source.hpp"
#include "guest/nfverdict/output.hpp"
#include "guest/nfverdict/record_source.hpp"
#include "guest/nfverdict/trace_loop.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>

namespace nflab::nfverdict {
namespace {

std::unique_ptr<RecordSource> make_source(const Options& options, Output& output) {
    const auto notice = [&output](const std::string& text) { output.notice(text); };
    switch (*options.method) {
    case Method::kretprobe:
        return std::make_unique<KretprobeSource>(options, notice);
    case Method::site:
    case Method::decoy:
    case Method::kprobe_events:
        break;
    }
    throw Error(Failure::bad_input, "this method has no source of records");
}

class SourceTrace {
  public:
    explicit SourceTrace(const Options& options)
        : options_(options), output_(options.json ? Output::Format::json : Output::Format::text),
          loop_(options_, output_), source_(make_source(options, output_)) {}

    int run() {
        loop_.run(source_->describe(), {.fds = {source_->fd()},
                                        .catch_up = [this] { take(); },
                                        .settle = [this] { take(); },
                                        .lost = [this] { return source_->lost(); }});
        output_.line({{"type", "done"}, {"records", records_}, {"lost", loop_.lost()}});
        output_.flush();
        return 0;
    }

  private:
    void take() {
        source_->take([this](const verdict::Record& record) {
            if (!options_.records.matches(record))
                return;
            ++records_;
            output_.record(record);
        });
    }

    Options options_;
    Output output_;
    TraceLoop loop_;
    std::unique_ptr<RecordSource> source_;
    std::uint64_t records_ = 0;
};

} // namespace

bool is_record_source(Method method) {
    return method == Method::kretprobe;
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
