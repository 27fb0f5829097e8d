// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// JSON payloads of the guest channel (docs/formats/channel.md). Members that have their default
/// value may be missing; members that a reader does not know are ignored.
/// from_json throws nlohmann::json::exception on a wrong type or a missing necessary member.
namespace nflab::channel {

struct Hello {
    int protocol = 0;
    std::string kernel_release; ///< uname -r
    std::string kernel_version; ///< uname -v
    std::string machine;
    std::vector<std::string> problems; ///< what start-up could not do, for people
};

struct Terminal {
    int rows = 24;
    int columns = 80;
    std::string term = "xterm";
};

struct RunRequest {
    std::vector<std::string> argv; ///< argv[0] is looked up in the node's $PATH
    std::map<std::string, std::string> environment;
    std::string directory;
    std::optional<Terminal> terminal; ///< then a pty; stderr arrives as output
    std::uint32_t timeout_ms = 0;     ///< 0: none; then SIGTERM, 2 s later SIGKILL, to the group
    bool input = false;               ///< false: standard input is /dev/null
    std::string netns{};              ///< name of a network namespace inside of the node
};

/// Writes a file: its bytes come as input frames. It appears at `path` whole or not at all.
struct PutRequest {
    std::string path;
    unsigned mode = 0644; ///< permission bits; the node's umask does not apply
};

struct GetRequest {
    std::string path; ///< a regular file
};

struct SignalRequest {
    int signal = 0; ///< number on Linux/x86-64, 1..64
};

struct ResizeRequest {
    int rows = 24;
    int columns = 80;
};

struct WindowUpdate {
    std::uint32_t bytes = 0; ///< of input, taken since the last one
};

struct ExitStatus {
    int code = 0;
    int signal = 0; ///< not 0: ended by it
    bool timed_out = false;
    std::string error; ///< not empty: the request itself failed (no such program, …)
    bool ok() const { return code == 0 && signal == 0 && !timed_out && error.empty(); }
};

/// What the agent sets up in its node. Everything is optional; applied in this order.
struct Configuration {
    struct Nic {
        std::string mac; ///< finds the device; it is then renamed to `name`
        std::string name;
        std::vector<std::string> addresses; ///< CIDR
        int mtu = 0;                        ///< 0: leave
        std::string set_mac;                ///< not empty: new hardware address
        std::vector<std::string> learned{}; ///< CIDR, waited for: IPv4 by DHCP, IPv6 by SLAAC
    };
    struct Program {
        std::vector<std::string> argv;
        std::string input;
    };
    std::string hostname;             ///< of a namespace: its name
    std::int64_t clock_ns = 0;        ///< CLOCK_REALTIME; 0: leave
    std::string entropy;              ///< base64, mixed and credited into the kernel's pool
    std::vector<std::string> modules; ///< loaded first, by name
    std::vector<Nic> nics;
    std::vector<Program> links; ///< run when the devices have their names, before addresses
    std::vector<std::pair<std::string, std::string>> sysctls;
    /// Network namespaces inside of the node, as ip-netns(8) has them: of each, `hostname`, `nics`,
    /// which are moved there, and what has to do with the network.
    std::vector<Configuration> namespaces;
    std::vector<std::pair<std::string, std::string>> routes; ///< destination or "default", next hop
    std::vector<Program> routing;                            ///< run after the routes
    std::vector<std::string> awaited; ///< devices whose carrier is waited for in the end
    std::vector<std::pair<std::string, std::string>> hosts; ///< address, name: /etc/hosts
    std::vector<std::string> nameservers;                   ///< /etc/resolv.conf
};

void to_json(nlohmann::json& out, const Hello& value);
void from_json(const nlohmann::json& in, Hello& value);
void to_json(nlohmann::json& out, const RunRequest& value);
void from_json(const nlohmann::json& in, RunRequest& value);
void to_json(nlohmann::json& out, const PutRequest& value);
void from_json(const nlohmann::json& in, PutRequest& value);
void to_json(nlohmann::json& out, const GetRequest& value);
void from_json(const nlohmann::json& in, GetRequest& value);
void to_json(nlohmann::json& out, const SignalRequest& value);
void from_json(const nlohmann::json& in, SignalRequest& value);
void to_json(nlohmann::json& out, const ResizeRequest& value);
void from_json(const nlohmann::json& in, ResizeRequest& value);
void to_json(nlohmann::json& out, const WindowUpdate& value);
void from_json(const nlohmann::json& in, WindowUpdate& value);
void to_json(nlohmann::json& out, const ExitStatus& value);
void from_json(const nlohmann::json& in, ExitStatus& value);
void to_json(nlohmann::json& out, const Configuration& value);
void from_json(const nlohmann::json& in, Configuration& value);

/// A message as payload: `to_payload(RunRequest{...})`. Bytes that are not UTF-8 become U+FFFD.
std::string to_payload(const nlohmann::json& message);

/// The payload as JSON object. Throws std::runtime_error when it is something else.
nlohmann::json parse_payload(std::string_view payload);

} // namespace nflab::channel
