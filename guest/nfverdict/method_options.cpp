// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/method_options.hpp"

#include <netinet/in.h>

#include <map>
#include <string>

namespace nflab::nfverdict {
namespace {

StackFilter& stack_of(Options& options) {
    return options.stack ? *options.stack : options.stack.emplace();
}

} // namespace

void add_method_options(CLI::App& command, Options& options) {
    static const std::map<std::string, Method> methods = {{"site", Method::site},
                                                          {"decoy", Method::decoy},
                                                          {"kprobe-events", Method::kprobe_events},
                                                          {"fexit", Method::fexit},
                                                          {"kretprobe", Method::kretprobe}};
    static const std::map<std::string, std::uint16_t> protocols = {{"icmp", IPPROTO_ICMP},
                                                                   {"tcp", IPPROTO_TCP},
                                                                   {"udp", IPPROTO_UDP},
                                                                   {"icmpv6", IPPROTO_ICMPV6}};
    command
        .add_option_function<std::string>(
            "--method", [&options](const std::string& name) { options.method = methods.at(name); },
            "site or decoy (nftables); kprobe-events: without BPF, by tracefs; fexit, and "
            "kretprobe by "
            "a kernel module: verdicts of whole tables")
        ->check(CLI::IsMember(methods));
    const auto group = [&command](CLI::Option* option) { option->group("Kretprobe"); };
    group(command.add_option("--module", options.module_file, "the kretprobe module")
              ->capture_default_str());
    group(command.add_flag_callback(
        "--stack", [&options] { stack_of(options); }, "call stacks of drops"));
    group(command
              .add_option_function<std::string>(
                  "--stack-verdict",
                  [&options](const std::string& word) { stack_of(options).verdict = word; },
                  "call stacks of this verdict, or any")
              ->check(CLI::IsMember({"drop", "accept", "stolen", "queue", "repeat", "any"})));
    group(command
              .add_option_function<std::string>(
                  "--stack-address",
                  [&options](const std::string& text) { stack_of(options).address = text; },
                  "only packets from or to this address")
              ->check([](const std::string& text) {
                  const bool plain =
                      text.find_first_not_of("0123456789abcdefABCDEF.:") == std::string::npos;
                  return plain ? std::string() : "'" + text + "' is not an address";
              }));
    group(command.add_option_function<std::uint16_t>(
        "--stack-port", [&options](std::uint16_t port) { stack_of(options).port = port; },
        "only packets from or to this port"));
    group(command
              .add_option_function<std::string>(
                  "--stack-protocol",
                  [&options](const std::string& name) {
                      stack_of(options).protocol = protocols.at(name);
                  },
                  "only packets of this protocol")
              ->check(CLI::IsMember(protocols)));
    group(command.add_option_function<unsigned>(
        "--stack-rate", [&options](unsigned rate) { stack_of(options).rate = rate; },
        "at most so many call stacks in a second (10), 0 for no limit"));
}

} // namespace nflab::nfverdict
