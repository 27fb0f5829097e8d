// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/lab/warm_state.hpp"

#include "harness/base/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <thread>

namespace nflab::lab {
namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

// For some hundred kilobytes between two processes; a machine may be very busy.
constexpr std::chrono::seconds limit{30};

// libvirt's name of the back end of a domain's first <channel>.
constexpr const char* agent_device = "charchannel0";

[[noreturn]] void refuse(const std::string& what) {
    throw Error(Failure::lab, fmt::format("{}: {}", what, std::strerror(errno)));
}

sockaddr_un address_of(const fs::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return address;
}

UniqueFd stream_socket() {
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket)
        refuse("cannot make a socket");
    return socket;
}

UniqueFd connect_to(const fs::path& path) {
    UniqueFd socket = stream_socket();
    const sockaddr_un address = address_of(path);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        refuse("cannot connect to QEMU");
    return socket;
}

void wait_for(const std::string& what, const std::function<bool()>& done) {
    const auto deadline = Clock::now() + limit;
    while (!done()) {
        if (Clock::now() > deadline)
            throw Error(Failure::lab, fmt::format("{} took more than {} s", what, limit.count()));
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

void copy(int from, int to) {
    std::array<char, 65536> buffer{};
    const auto deadline = Clock::now() + limit;
    while (true) {
        pollfd watched{from, POLLIN, 0};
        if (::poll(&watched, 1, static_cast<int>(std::chrono::milliseconds(limit).count())) <= 0 ||
            Clock::now() > deadline)
            throw Error(Failure::lab, "QEMU does not hand over the state of its devices");
        const ssize_t size = ::read(from, buffer.data(), buffer.size());
        if (size == 0)
            return;
        if (size < 0)
            refuse("cannot read the state of the devices");
        for (ssize_t done = 0; done < size;) {
            const ssize_t written =
                ::write(to, buffer.data() + done, static_cast<std::size_t>(size - done));
            if (written <= 0)
                refuse("cannot write the state of the devices");
            done += written;
        }
    }
}

void leave_out_memory(Hypervisor& hypervisor, const std::string& domain) {
    hypervisor.monitor(
        domain, {{"execute", "migrate-set-capabilities"},
                 {"arguments",
                  {{"capabilities", {{{"capability", "x-ignore-shared"}, {"state", true}}}}}}});
}

std::string migration(Hypervisor& hypervisor, const std::string& domain) {
    const json answer = hypervisor.monitor(domain, {{"execute", "query-migrate"}});
    std::string status = answer.value("status", "");
    if (status == "failed" || status == "cancelled")
        throw Error(Failure::lab, fmt::format("QEMU cannot keep or start a guest: {}",
                                              answer.value("error-desc", "it does not say why")));
    return status;
}

} // namespace

void save_devices(Hypervisor& hypervisor, const std::string& domain, const fs::path& file,
                  const fs::path& socket) {
    const UniqueFd listener = stream_socket();
    const sockaddr_un address = address_of(socket);
    if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener.get(), 1) != 0)
        refuse("cannot listen for QEMU");
    hypervisor.suspend(domain);
    leave_out_memory(hypervisor, domain);
    hypervisor.monitor(
        domain, {{"execute", "migrate"}, {"arguments", {{"uri", "unix:" + socket.string()}}}});
    pollfd watched{listener.get(), POLLIN, 0};
    if (::poll(&watched, 1, static_cast<int>(std::chrono::milliseconds(limit).count())) <= 0)
        throw Error(Failure::lab, "QEMU does not begin to hand over the state of its devices");
    const UniqueFd stream(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const UniqueFd out(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!stream || !out)
        refuse("cannot keep the state of the devices");
    copy(stream.get(), out.get());
    wait_for("keeping a guest", [&] { return migration(hypervisor, domain) == "completed"; });
    fs::remove(socket);
}

void load_devices(Hypervisor& hypervisor, const std::string& domain, const fs::path& file,
                  const fs::path& socket) {
    const UniqueFd in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!in)
        refuse(fmt::format("cannot open {}", file.string()));
    leave_out_memory(hypervisor, domain);
    hypervisor.monitor(domain, {{"execute", "migrate-incoming"},
                                {"arguments", {{"uri", "unix:" + socket.string()}}}});
    {
        const UniqueFd stream = connect_to(socket);
        copy(in.get(), stream.get());
    }
    wait_for("starting a kept guest", [&] { return migration(hypervisor, domain) == "completed"; });
}

UniqueFd connect_agent_channel(Hypervisor& hypervisor, const std::string& domain,
                               const fs::path& socket) {
    UniqueFd connection = connect_to(socket);
    wait_for("connecting to a guest's agent", [&] {
        for (const json& device : hypervisor.monitor(domain, {{"execute", "query-chardev"}}))
            if (device.value("label", "") == agent_device)
                return device.value("filename", "").rfind("disconnected:", 0) != 0;
        throw Error(Failure::lab, "QEMU has no character device for a guest's agent");
    });
    return connection;
}

} // namespace nflab::lab
