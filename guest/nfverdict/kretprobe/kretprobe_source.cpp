// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kretprobe/kretprobe_source.hpp"

#include "guest/nfverdict/engines/engine.hpp"
#include "guest/nfverdict/kernel/module_file.hpp"
#include "harness/base/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace nflab::nfverdict {
namespace {

constexpr const char* module_name = "nflab_kretprobe";
constexpr const char* device_path = "/dev/nflab_kretprobe";

std::string parameters(const std::optional<StackFilter>& stack) {
    if (!stack)
        return "";
    std::string text = fmt::format("stack=1 stack_verdict={}", stack->verdict);
    if (!stack->address.empty())
        text += " stack_address=" + stack->address;
    if (stack->port)
        text += fmt::format(" stack_port={}", *stack->port);
    if (stack->protocol)
        text += fmt::format(" stack_protocol={}", *stack->protocol);
    if (stack->rate)
        text += fmt::format(" stack_rate={}", *stack->rate);
    return text;
}

void load(const std::string& file, const std::string& arguments) {
    const UniqueFd module(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!module)
        throw Error(
            Failure::lab,
            fmt::format("cannot open the kretprobe module {}: {}", file, std::strerror(errno)),
            "`nflab kernels headers` builds it for the kernels that nflab knows; for "
            "another one, build guest/kmod with make");
    if (::syscall(SYS_finit_module, module.get(), arguments.c_str(), 0) == 0)
        return;
    const int error = errno;
    throw Error(Failure::lab,
                fmt::format("the kernel does not take {}: {}", file, std::strerror(error)),
                error == ENOEXEC || error == EINVAL
                    ? "it must be built against the headers of just this kernel; dmesg says more"
                    : "dmesg may say more");
}

// Left behind by somebody who was killed; its parameters are not ours.
void unload_stale() {
    if (is_loaded(module_name) && ::syscall(SYS_delete_module, module_name, O_NONBLOCK) != 0)
        throw Error(Failure::lab,
                    fmt::format("the kretprobe module is in use: {}", std::strerror(errno)),
                    "end the other nfverdict first");
}

} // namespace

KretprobeSource::KretprobeSource(const Options& options, Notice notice)
    : notice_(std::move(notice)), private_(Netns::create()) {
    const auto begin = std::chrono::steady_clock::now();
    if (options.load)
        for (const Module& module : {nf_tables_module, ip_tables_module, ip6_tables_module})
            load_module(module.name);
    unload_stale();
    load(options.module_file, parameters(options.stack));
    device_ = UniqueFd(::open(device_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!device_) {
        const int error = errno;
        ::syscall(SYS_delete_module, module_name, O_NONBLOCK);
        throw Error(Failure::lab,
                    fmt::format("cannot open {}: {}", device_path, std::strerror(error)),
                    "is devtmpfs mounted at /dev?");
    }
    attach_ms_ = std::chrono::duration_cast<std::chrono::milliseconds>(
                     std::chrono::steady_clock::now() - begin)
                     .count();
}

KretprobeSource::~KretprobeSource() {
    device_.reset();
    ::syscall(SYS_delete_module, module_name, O_NONBLOCK);
}

void KretprobeSource::prove() {
    // Nobody waits for records before the module is proven.
    const SeenRecords seen = [this] {
        take([](const verdict::Record&) {});
        return std::exchange(private_records_, {});
    };
    if (is_loaded(nf_tables_module.name))
        nft_test_ = NftTest(private_).run_whole(seen);
    if (is_loaded(ip_tables_module.name))
        iptables_test_ = test_whole_xt(private_, false, seen);
    if (is_loaded(ip6_tables_module.name))
        ip6tables_test_ = test_whole_xt(private_, true, seen);
    for (const TestResult* test : {&nft_test_, &iptables_test_, &ip6tables_test_})
        if (test->outcome == TestResult::Outcome::failed)
            throw Error(Failure::lab,
                        "the kretprobe module is refused: self-test failed: " + test->detail);
}

void KretprobeSource::take(const std::function<void(const verdict::Record&)>& sink) {
    std::array<char, 65536> bytes{};
    for (ssize_t size = 0; (size = ::read(device_.get(), bytes.data(), bytes.size())) > 0;) {
        text_.append(bytes.data(), static_cast<std::size_t>(size));
        std::size_t begin = 0;
        for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n', begin)) {
            take_line(text_.substr(begin, end - begin), sink);
            begin = end + 1;
        }
        text_.erase(0, begin);
    }
}

void KretprobeSource::take_line(const std::string& line,
                                const std::function<void(const verdict::Record&)>& sink) {
    try {
        const auto message = nlohmann::json::parse(line);
        if (message.at("type") == "lost") {
            lost_ = message.at("missed").get<std::uint64_t>() +
                    message.at("overrun").get<std::uint64_t>();
            if (message.at("stacks_suppressed").get<std::uint64_t>() > 0 &&
                !std::exchange(suppressed_, true))
                notice_("more call stacks were asked for than the rate allows: some records have "
                        "none");
            return;
        }
        const auto record = records_.next(message);
        if (record && record->netns == private_.inode())
            private_records_.push_back(*record);
        else if (record)
            sink(*record);
    } catch (const nlohmann::json::exception& error) {
        throw Error(Failure::lab,
                    fmt::format("a line of the kretprobe module cannot be read: {}", error.what()));
    }
}

nlohmann::json KretprobeSource::describe() const {
    utsname kernel{};
    ::uname(&kernel);
    nlohmann::json engines = nlohmann::json::array();
    bool proven = true;
    const auto add = [&](const char* engine, const char* module, const char* function,
                         const TestResult& test) {
        nlohmann::json entry{{"engine", engine}};
        if (is_loaded(module)) {
            entry["method"] = "kretprobe";
            entry["sites"] = {function};
            entry["self_test"] = fmt::format("{}: {}", word(test.outcome), test.detail);
            proven = proven && test.outcome == TestResult::Outcome::passed;
        } else {
            entry["refused"] =
                fmt::format("{} is not loaded; its calls are seen once it is", module);
        }
        engines.push_back(std::move(entry));
    };
    add("nft", nf_tables_module.name, "nft_do_chain", nft_test_);
    add("iptables", ip_tables_module.name, "ipt_do_table", iptables_test_);
    add("ip6tables", ip6_tables_module.name, "ip6t_do_table", ip6tables_test_);
    return {{"type", "ready"},         {"kernel", kernel.release},
            {"method", "kretprobe"},   {"engines", engines},
            {"attach_ms", attach_ms_}, {"self_test", proven ? "passed" : "incomplete"}};
}

} // namespace nflab::nfverdict
