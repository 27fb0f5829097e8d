// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/configure_links.hpp"

#include "guest/init/netlink.hpp"
#include "guest/init/network_namespace.hpp"
#include "guest/init/run_program.hpp"
#include "harness/base/unique_fd.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace nflab::agent {
namespace {

using channel::Configuration;
using Clock = std::chrono::steady_clock;
using Problems = std::vector<std::string>;

constexpr auto device_limit = std::chrono::seconds(5);
constexpr auto carrier_limit = std::chrono::seconds(2);

const Link* find_by_mac(const std::vector<Link>& links, const std::string& text, Mac Link::*which) {
    const auto mac = parse_mac(text);
    const auto found = std::find_if(links.begin(), links.end(),
                                    [&](const Link& link) { return mac && link.*which == *mac; });
    return found == links.end() ? nullptr : &*found;
}

const Link* find_by_name(const std::vector<Link>& links, const std::string& name) {
    const auto found = std::find_if(links.begin(), links.end(),
                                    [&](const Link& link) { return link.name == name; });
    return found == links.end() ? nullptr : &*found;
}

bool has_ipv6(const Configuration::Nic& nic) {
    return std::any_of(nic.addresses.begin(), nic.addresses.end(), [](const std::string& address) {
        return address.find(':') != std::string::npos;
    });
}

void write_line(const std::string& path, const std::string& line) {
    const UniqueFd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    const std::string text = line + '\n';
    if (file) [[maybe_unused]]
        const ssize_t written = write(file.get(), text.data(), text.size());
}

std::string read_line(const char* path) {
    const UniqueFd file(open(path, O_RDONLY | O_CLOEXEC));
    char buffer[64];
    const ssize_t size = file ? read(file.get(), buffer, sizeof(buffer)) : 0;
    const std::string text(buffer, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return text.substr(0, text.find('\n'));
}

class LinkSetup {
  public:
    LinkSetup(const Configuration& configuration, Problems& problems)
        : configuration_(configuration), problems_(problems) {}

    void devices() {
        if (!open())
            return;
        for (const Configuration& inner : configuration_.namespaces)
            fill_namespace(inner);
        indices_ = find_devices(configuration_.nics);
        set_loopback_up();
        rename_devices();
        for (std::size_t i = 0; i < configuration_.nics.size(); ++i)
            if (indices_[i] != 0)
                set_hardware(configuration_.nics[i], indices_[i]);
        make_links();
        for (std::size_t i = 0; i < configuration_.nics.size(); ++i)
            if (indices_[i] != 0)
                set_up(configuration_.nics[i], indices_[i]);
        wait_for_carriers();
    }

    void routes() {
        if (!open())
            return;
        for (const auto& [destination, next_hop] : configuration_.routes)
            add_route(destination, next_hop);
        run_all(configuration_.routing);
        wait_for_links();
    }

  private:
    bool open() {
        std::string error = socket_.open();
        const bool good = error.empty();
        if (!good)
            problems_.push_back(std::move(error));
        return good;
    }

    void run_all(const std::vector<Configuration::Program>& programs) {
        for (const Configuration::Program& program : programs)
            if (std::string error = run_program(program.argv, program.input); !error.empty())
                problems_.push_back(std::move(error));
    }

    // Every device that a link is made of starts without duplicate address detection, see below.
    void make_links() {
        if (configuration_.links.empty())
            return;
        constexpr const char* path = "/proc/sys/net/ipv6/conf/default/accept_dad";
        const std::string before = read_line(path);
        write_line(path, "0");
        run_all(configuration_.links);
        if (!before.empty())
            write_line(path, before);
    }

    void fill_namespace(const Configuration& inner) {
        bool made = false;
        if (std::string error = make_namespace(inner.hostname, made); !error.empty())
            problems_.push_back(std::move(error));
        if (!made) // a second configuration: its devices are there
            return;
        UniqueFd there;
        if (std::string error = open_namespace(inner.hostname, there); !error.empty()) {
            problems_.push_back(std::move(error));
            return;
        }
        const std::vector<int> indices = find_devices(inner.nics);
        for (std::size_t i = 0; i < indices.size(); ++i)
            if (indices[i] != 0)
                check("cannot move " + inner.nics[i].name + " to the namespace " + inner.hostname,
                      socket_.move(indices[i], there.get()));
    }

    void check(const std::string& what, const std::string& error) {
        if (!error.empty())
            problems_.push_back(what + ": " + error);
    }

    const Link* find(const std::vector<Link>& links, const Configuration::Nic& nic) const {
        if (nic.mac.empty())
            return find_by_name(links, nic.name);
        // A second configuration meets the addresses that the first one has set.
        const Link* link = find_by_mac(links, nic.mac, &Link::mac);
        if (link == nullptr)
            link = find_by_mac(links, nic.mac, &Link::permanent_mac);
        return link != nullptr ? link : find_by_mac(links, nic.set_mac, &Link::mac);
    }

    std::vector<int> find_devices(const std::vector<Configuration::Nic>& nics) {
        const auto deadline = Clock::now() + device_limit;
        std::vector<int> indices;
        while (true) {
            std::vector<Link> links;
            check("cannot list the network devices", socket_.links(links));
            indices.clear();
            for (const Configuration::Nic& nic : nics) {
                const Link* link = find(links, nic);
                indices.push_back(link != nullptr ? link->index : 0);
            }
            if (std::count(indices.begin(), indices.end(), 0) == 0 || Clock::now() >= deadline)
                break;
            usleep(2000);
        }
        for (std::size_t i = 0; i < indices.size(); ++i)
            if (indices[i] == 0)
                problems_.push_back(nics[i].name +
                                    ": there is no network device with the hardware address '" +
                                    nics[i].mac + "'");
        return indices;
    }

    void set_loopback_up() {
        std::vector<Link> links;
        check("cannot list the network devices", socket_.links(links));
        if (const Link* loopback = find_by_name(links, "lo"); loopback != nullptr)
            if ((loopback->flags & IFF_UP) == 0)
                check("cannot bring up lo", socket_.set_up(loopback->index));
    }

    // Two devices may want each other's name: whoever is in the way steps aside first.
    void rename_devices() {
        std::vector<Link> links;
        check("cannot list the network devices", socket_.links(links));
        std::vector<std::pair<int, std::string>> renames;
        for (std::size_t i = 0; i < indices_.size(); ++i) {
            const std::string& name = configuration_.nics[i].name;
            const Link* holder = find_by_name(links, name);
            if (indices_[i] == 0 || name.empty() ||
                (holder != nullptr && holder->index == indices_[i]))
                continue;
            if (holder != nullptr)
                rename(holder->index, "nflab" + std::to_string(holder->index));
            renames.emplace_back(indices_[i], name);
        }
        for (const auto& [index, name] : renames)
            rename(index, name);
    }

    // Kernels before 6.2 refuse to rename a device that is up.
    void rename(int index, const std::string& name) {
        std::string error = socket_.rename(index, name);
        if (!error.empty()) {
            socket_.set_down(index);
            error = socket_.rename(index, name);
        }
        check("cannot rename a network device to " + name, error);
    }

    // Before links are made, which take after the devices that they are made of.
    void set_hardware(const Configuration::Nic& nic, int index) {
        if (!nic.set_mac.empty()) {
            const auto mac = parse_mac(nic.set_mac);
            check(nic.name + ": hardware address " + nic.set_mac,
                  mac ? socket_.set_mac(index, *mac) : "not six bytes as in 52:54:00:12:34:56");
        }
        if (nic.mtu != 0)
            check(nic.name + ": mtu " + std::to_string(nic.mtu), socket_.set_mtu(index, nic.mtu));
        if (has_ipv6(nic))
            leave_out_detection(nic.name);
    }

    void set_up(const Configuration::Nic& nic, int index) {
        std::vector<std::pair<std::string, Prefix>> addresses;
        for (const std::string& text : nic.addresses) {
            if (const auto address = parse_prefix(text))
                addresses.emplace_back(text, *address);
            else
                check(nic.name + ": address '" + text + "'",
                      "not an address with a prefix length, as in 192.0.2.1/24");
        }
        check(nic.name + ": cannot bring it up", socket_.set_up(index));
        for (const auto& [text, address] : addresses)
            check(nic.name + ": address " + text, socket_.add_address(index, address));
    }

    // While the link-local address is being tested for duplicates, the node cannot ask for a
    // neighbour on behalf of a packet that it forwards: the first second of traffic would be lost.
    static void leave_out_detection(const std::string& name) {
        write_line("/proc/sys/net/ipv6/conf/" + name + "/accept_dad", "0");
    }

    // virtio_net and veth report their carrier from a work queue, some time after they are up; what
    // is sent before that is lost. IPv6 also waits for the operational state (IFF_RUNNING), which
    // follows within a second: until then there is no link-local address to ask neighbours from.
    bool is_usable(int index, bool ipv6) {
        Link link;
        if (!socket_.link(index, link).empty() || (link.flags & IFF_UP) == 0)
            return true; // told already
        return link.carrier && (!ipv6 || (link.flags & IFF_RUNNING) != 0);
    }

    void wait_for_carriers() {
        const auto deadline = Clock::now() + carrier_limit;
        for (std::size_t i = 0; i < indices_.size(); ++i)
            while (indices_[i] != 0 && !is_usable(indices_[i], has_ipv6(configuration_.nics[i])) &&
                   Clock::now() < deadline)
                usleep(1000);
    }

    void wait_for_links() {
        const auto deadline = Clock::now() + carrier_limit;
        for (const std::string& name : configuration_.awaited) {
            const auto index = static_cast<int>(if_nametoindex(name.c_str()));
            while (index != 0 && !is_usable(index, true) && Clock::now() < deadline)
                usleep(1000);
        }
    }

    void add_route(const std::string& destination, const std::string& next_hop) {
        const std::string what = "route to " + destination + " by " + next_hop;
        const auto gateway = parse_prefix(next_hop);
        if (!gateway || next_hop.find('/') != std::string::npos) {
            check(what, "the next hop is not an address");
            return;
        }
        Prefix everything;
        everything.family = gateway->family;
        const auto target = destination == "default" ? everything : parse_prefix(destination);
        if (!target || target->family != gateway->family)
            check(what, "the destination must be 'default' or a prefix of the next hop's family");
        else
            check(what, socket_.add_route(*target, *gateway));
    }

    const Configuration& configuration_;
    Problems& problems_;
    RouteSocket socket_;
    std::vector<int> indices_; ///< of configuration_.nics, 0: not found
};

} // namespace

void configure_devices(const Configuration& configuration, Problems& problems) {
    LinkSetup(configuration, problems).devices();
}

void configure_routes(const Configuration& configuration, Problems& problems) {
    LinkSetup(configuration, problems).routes();
}

} // namespace nflab::agent
