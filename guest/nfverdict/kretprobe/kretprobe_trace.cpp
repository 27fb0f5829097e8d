// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kretprobe/kretprobe_trace.hpp"

#include "guest/nfverdict/kretprobe/kretprobe_source.hpp"
#include "guest/nfverdict/records/output.hpp"
#include "guest/nfverdict/trace_loop.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace nflab::nfverdict {
namespace {

void refuse_filter(const Options& options) {
    if (!options.packets.empty())
        throw Error(Failure::bad_input,
                    "the kretprobe module reports no packet bytes that a packet filter could look "
                    "at",
                    "leave the filter out, or the --method");
}

std::string told(const std::string& reason) {
    return "falling back to the kretprobe module, which sees whole tables but not their rules: " +
           reason;
}

class KretprobeTrace {
  public:
    KretprobeTrace(const Options& options, const std::string& reason)
        : options_(options), output_(options.json ? Output::Format::json : Output::Format::text),
          loop_(options_, output_),
          source_(options_, [this, reason](const std::string& text) { output_.notice(text); }) {
        if (!reason.empty())
            output_.notice(told(reason));
        source_.prove();
    }

    int run() {
        loop_.run(source_.describe(), {.fds = {source_.fd()},
                                       .catch_up = [this] { take(); },
                                       .settle = [this] { take(); },
                                       .lost = [this] { return source_.lost(); }});
        output_.line({{"type", "done"}, {"records", records_}, {"lost", loop_.lost()}});
        output_.flush();
        return 0;
    }

  private:
    void take() {
        source_.take([this](const verdict::Record& record) {
            if (!options_.records.matches(record))
                return;
            ++records_;
            output_.record(record);
        });
    }

    Options options_;
    Output output_;
    TraceLoop loop_;
    KretprobeSource source_;
    std::uint64_t records_ = 0;
};

} // namespace

bool may_use_kretprobe(const Options& options) {
    return !options.method && !options.cross_check &&
           ::access(options.module_file.c_str(), R_OK) == 0;
}

int kretprobe_trace(const Options& options, const std::string& reason) {
    refuse_filter(options);
    KretprobeTrace running(options, reason);
    return running.run();
}

int kretprobe_check(const Options& options, bool json, const std::string& reason) {
    Output output(json ? Output::Format::json : Output::Format::text);
    if (!reason.empty())
        output.notice(told(reason));
    KretprobeSource source(options, [&output](const std::string& text) { output.notice(text); });
    source.prove();
    nlohmann::json found = source.describe();
    found["type"] = "check";
    if (json) {
        output.line(found);
        output.flush();
        return 0;
    }
    fmt::print("kernel    {}\nmethod    {}\n", found["kernel"].get<std::string>(),
               found["method"].get<std::string>());
    for (const auto& engine : found["engines"]) {
        const auto name = engine["engine"].get<std::string>();
        for (const auto& site : engine.value("sites", nlohmann::json::array()))
            fmt::print("{:<10}probe {}\n", name, site.get<std::string>());
        if (engine.contains("self_test"))
            fmt::print("{:<10}self-test {}\n", name, engine["self_test"].get<std::string>());
    }
    return 0;
}

} // namespace nflab::nfverdict
