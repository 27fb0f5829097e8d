// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/init/configure_links.hpp"

#include "guest/init/netlink.hpp"
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

class LinkSetup {
  public:
    LinkSetup(const Configuration& configuration, Problems& problems)
        : configuration_(configuration), problems_(problems) {}

    void run() {
        if (std::string error = socket_.open(); !error.empty()) {
            problems_.push_back(std::move(error));
            return;
        }
        find_devices();
        rename_devices();
        for (std::size_t i = 0; i < configuration_.nics.size(); ++i)
            if (indices_[i] != 0)
                set_up(configuration_.nics[i], indices_[i]);
        wait_for_carriers();
        for (const auto& [destination, next_hop] : configuration_.routes)
            add_route(destination, next_hop);
    }

  private:
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

    void find_devices() {
        const auto deadline = Clock::now() + device_limit;
        std::vector<Link> links;
        while (true) {
            check("cannot list the network devices", socket_.links(links));
            indices_.clear();
            for (const Configuration::Nic& nic : configuration_.nics) {
                const Link* link = find(links, nic);
                indices_.push_back(link != nullptr ? link->index : 0);
            }
            if (std::count(indices_.begin(), indices_.end(), 0) == 0 || Clock::now() >= deadline)
                break;
            usleep(2000);
        }
        if (const Link* loopback = find_by_name(links, "lo"); loopback != nullptr)
            if ((loopback->flags & IFF_UP) == 0)
                check("cannot bring up lo", socket_.set_up(loopback->index));
        for (std::size_t i = 0; i < indices_.size(); ++i)
            if (indices_[i] == 0)
                problems_.push_back(configuration_.nics[i].name +
                                    ": there is no network device with the hardware address '" +
                                    configuration_.nics[i].mac + "'");
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

    void set_up(const Configuration::Nic& nic, int index) {
        if (!nic.set_mac.empty()) {
            const auto mac = parse_mac(nic.set_mac);
            check(nic.name + ": hardware address " + nic.set_mac,
                  mac ? socket_.set_mac(index, *mac) : "not six bytes as in 52:54:00:12:34:56");
        }
        if (nic.mtu != 0)
            check(nic.name + ": mtu " + std::to_string(nic.mtu), socket_.set_mtu(index, nic.mtu));
        std::vector<std::pair<std::string, Prefix>> addresses;
        for (const std::string& text : nic.addresses) {
            if (const auto address = parse_prefix(text))
                addresses.emplace_back(text, *address);
            else
                check(nic.name + ": address '" + text + "'",
                      "not an address with a prefix length, as in 192.0.2.1/24");
        }
        if (std::any_of(addresses.begin(), addresses.end(),
                        [](const auto& item) { return item.second.family == AF_INET6; }))
            leave_out_detection(nic.name);
        check(nic.name + ": cannot bring it up", socket_.set_up(index));
        for (const auto& [text, address] : addresses)
            check(nic.name + ": address " + text, socket_.add_address(index, address));
    }

    // While the link-local address is being tested for duplicates, the node cannot ask for a
    // neighbour on behalf of a packet that it forwards: the first second of traffic would be lost.
    static void leave_out_detection(const std::string& name) {
        const std::string path = "/proc/sys/net/ipv6/conf/" + name + "/accept_dad";
        const UniqueFd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
        if (file) [[maybe_unused]]
            const ssize_t written = write(file.get(), "0\n", 2);
    }

    // virtio_net and veth report their carrier from a work queue, some time after they are up; what
    // is sent before that is lost. IPv6 also waits for the operational state (IFF_RUNNING), which
    // follows within a second: until then there is no link-local address to ask neighbours from.
    bool is_usable(const Configuration::Nic& nic, int index) {
        Link link;
        if (!socket_.link(index, link).empty() || (link.flags & IFF_UP) == 0)
            return true; // told already
        const bool ipv6 =
            std::any_of(nic.addresses.begin(), nic.addresses.end(), [](const std::string& address) {
                return address.find(':') != std::string::npos;
            });
        return link.carrier && (!ipv6 || (link.flags & IFF_RUNNING) != 0);
    }

    void wait_for_carriers() {
        const auto deadline = Clock::now() + carrier_limit;
        for (std::size_t i = 0; i < indices_.size(); ++i)
            while (indices_[i] != 0 && !is_usable(configuration_.nics[i], indices_[i]) &&
                   Clock::now() < deadline)
                usleep(1000);
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

void configure_links(const Configuration& configuration, Problems& problems) {
    LinkSetup(configuration, problems).run();
}

} // namespace nflab::agent
