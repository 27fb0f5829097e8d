// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/channel/message.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace nflab::channel {
namespace {

using nlohmann::json;

template <typename T>
void put(json& out, const char* key, const T& value, const T& omitted = {}) {
    if (value != omitted)
        out[key] = value;
}

template <typename T>
void get(const json& in, const char* key, T& value) {
    if (const auto found = in.find(key); found != in.end())
        found->get_to(value);
}

} // namespace

void to_json(json& out, const Hello& value) {
    out = json{{"protocol", value.protocol},
               {"kernel_release", value.kernel_release},
               {"kernel_version", value.kernel_version},
               {"machine", value.machine}};
    put(out, "problems", value.problems);
}

void from_json(const json& in, Hello& value) {
    value = Hello{};
    in.at("protocol").get_to(value.protocol);
    get(in, "kernel_release", value.kernel_release);
    get(in, "kernel_version", value.kernel_version);
    get(in, "machine", value.machine);
    get(in, "problems", value.problems);
}

static void to_json(json& out, const Terminal& value) {
    out = json{{"rows", value.rows}, {"columns", value.columns}, {"term", value.term}};
}

static void from_json(const json& in, Terminal& value) {
    get(in, "rows", value.rows);
    get(in, "columns", value.columns);
    get(in, "term", value.term);
}

void to_json(json& out, const RunRequest& value) {
    out = json{{"argv", value.argv}};
    put(out, "environment", value.environment);
    put(out, "directory", value.directory);
    if (value.terminal)
        out["terminal"] = *value.terminal;
    put(out, "timeout_ms", value.timeout_ms);
    put(out, "input", value.input);
    put(out, "netns", value.netns);
}

void from_json(const json& in, RunRequest& value) {
    value = RunRequest{};
    in.at("argv").get_to(value.argv);
    get(in, "environment", value.environment);
    get(in, "directory", value.directory);
    if (const auto terminal = in.find("terminal"); terminal != in.end())
        terminal->get_to(value.terminal.emplace());
    get(in, "timeout_ms", value.timeout_ms);
    get(in, "input", value.input);
    get(in, "netns", value.netns);
}

void to_json(json& out, const PutRequest& value) {
    out = json{{"path", value.path}, {"mode", value.mode}};
}

void from_json(const json& in, PutRequest& value) {
    value = PutRequest{};
    in.at("path").get_to(value.path);
    get(in, "mode", value.mode);
}

void to_json(json& out, const GetRequest& value) {
    out = json{{"path", value.path}};
}

void from_json(const json& in, GetRequest& value) {
    in.at("path").get_to(value.path);
}

void to_json(json& out, const SignalRequest& value) {
    out = json{{"signal", value.signal}};
}

void from_json(const json& in, SignalRequest& value) {
    in.at("signal").get_to(value.signal);
}

void to_json(json& out, const ResizeRequest& value) {
    out = json{{"rows", value.rows}, {"columns", value.columns}};
}

void from_json(const json& in, ResizeRequest& value) {
    in.at("rows").get_to(value.rows);
    in.at("columns").get_to(value.columns);
}

void to_json(json& out, const WindowUpdate& value) {
    out = json{{"bytes", value.bytes}};
}

void from_json(const json& in, WindowUpdate& value) {
    in.at("bytes").get_to(value.bytes);
}

void to_json(json& out, const ExitStatus& value) {
    out = json{{"code", value.code}};
    put(out, "signal", value.signal);
    put(out, "timed_out", value.timed_out);
    put(out, "error", value.error);
}

void from_json(const json& in, ExitStatus& value) {
    value = ExitStatus{};
    get(in, "code", value.code);
    get(in, "signal", value.signal);
    get(in, "timed_out", value.timed_out);
    get(in, "error", value.error);
}

static void to_json(json& out, const Configuration::Nic& value) {
    out = json{{"mac", value.mac}, {"name", value.name}};
    put(out, "addresses", value.addresses);
    put(out, "mtu", value.mtu);
    put(out, "set_mac", value.set_mac);
    put(out, "learned", value.learned);
}

static void from_json(const json& in, Configuration::Nic& value) {
    in.at("mac").get_to(value.mac);
    get(in, "name", value.name);
    get(in, "addresses", value.addresses);
    get(in, "mtu", value.mtu);
    get(in, "set_mac", value.set_mac);
    get(in, "learned", value.learned);
}

static void to_json(json& out, const Configuration::Program& value) {
    out = json{{"argv", value.argv}};
    put(out, "input", value.input);
}

static void from_json(const json& in, Configuration::Program& value) {
    in.at("argv").get_to(value.argv);
    get(in, "input", value.input);
}

// The types are nested and their conversions static: nlohmann's own look-up does not find them.
template <typename T>
static void put_all(json& out, const char* name, const std::vector<T>& values) {
    for (const T& value : values)
        to_json(out[name].emplace_back(), value);
}

template <typename T>
static void get_all(const json& in, const char* name, std::vector<T>& values) {
    if (const auto found = in.find(name); found != in.end())
        for (const json& value : *found)
            from_json(value, values.emplace_back());
}

void to_json(json& out, const Configuration& value) {
    out = json::object();
    put(out, "hostname", value.hostname);
    put(out, "clock_ns", value.clock_ns);
    put(out, "entropy", value.entropy);
    put(out, "modules", value.modules);
    put_all(out, "nics", value.nics);
    put_all(out, "links", value.links);
    put(out, "sysctls", value.sysctls);
    put_all(out, "namespaces", value.namespaces);
    put(out, "routes", value.routes);
    put_all(out, "routing", value.routing);
    put(out, "awaited", value.awaited);
    put(out, "hosts", value.hosts);
    put(out, "nameservers", value.nameservers);
}

void from_json(const json& in, Configuration& value) {
    value = Configuration{};
    get(in, "hostname", value.hostname);
    get(in, "clock_ns", value.clock_ns);
    get(in, "entropy", value.entropy);
    get(in, "modules", value.modules);
    get_all(in, "nics", value.nics);
    get_all(in, "links", value.links);
    get(in, "sysctls", value.sysctls);
    get_all(in, "namespaces", value.namespaces);
    get(in, "routes", value.routes);
    get_all(in, "routing", value.routing);
    get(in, "awaited", value.awaited);
    get(in, "hosts", value.hosts);
    get(in, "nameservers", value.nameservers);
}

std::string to_payload(const json& message) {
    return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

json parse_payload(std::string_view payload) {
    json message = json::parse(payload, nullptr, false);
    if (!message.is_object())
        throw std::runtime_error("guest channel: a message is not a JSON object");
    return message;
}

} // namespace nflab::channel
