// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/image/module_set.hpp"

#include "harness/image/module_file.hpp"
#include "harness/kernel/features.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace nflab::image {

namespace {

// Whole folders, then single modules of drivers/net, which has far more than a guest has use for.
constexpr std::array wanted_folders = {
    "kernel/net/",
    "kernel/crypto/",
    "kernel/arch/x86/crypto/",
    "kernel/lib/",
    "kernel/fs/erofs/",
    "kernel/fs/overlayfs/",
    "kernel/fs/squashfs/",
    "kernel/fs/fuse/",
    "kernel/fs/isofs/",
    "kernel/drivers/virtio/",
    "kernel/drivers/net/bonding/",
    "kernel/drivers/net/ipvlan/",
    "kernel/drivers/net/netdevsim/",
    "kernel/drivers/net/ovpn/",
    "kernel/drivers/net/team/",
    "kernel/drivers/net/vxlan/",
    "kernel/drivers/net/wireguard/",
    "kernel/drivers/char/hw_random/",
};
constexpr std::array unwanted_folders = {
    "kernel/net/bluetooth/", "kernel/net/ieee802154/", "kernel/net/mac80211/",
    "kernel/net/mac802154/", "kernel/net/nfc/",        "kernel/net/wireless/",
};
constexpr std::array wanted_drivers = {
    "amt",        "bareudp",     "dummy",    "e1000",        "geneve",     "gtp",    "ifb",
    "macsec",     "macvlan",     "macvtap",  "net_failover", "netconsole", "netkit", "nlmon",
    "pfcp",       "ppp_generic", "pppoe",    "rionet",       "tap",        "tun",    "veth",
    "virtio_net", "vrf",         "vsockmon", "vxlan",
};
constexpr std::array wanted_others = {"failover", "virtio_blk", "virtio_console", "virtio_scsi"};

bool starts_with(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

template <typename Words>
bool contains(const Words& words, std::string_view word) {
    return std::any_of(words.begin(), words.end(), [&](const auto& each) { return word == each; });
}

template <std::size_t Size>
bool is_below(const std::array<const char*, Size>& folders, std::string_view path) {
    return std::any_of(folders.begin(), folders.end(),
                       [&](const char* folder) { return starts_with(path, folder); });
}

} // namespace

bool is_wanted_module(const std::string& path) {
    if (is_below(unwanted_folders, path))
        return false;
    const std::string name = kernel::module_name(path);
    return is_below(wanted_folders, path) || contains(wanted_others, name) ||
           (starts_with(path, "kernel/drivers/net/") && contains(wanted_drivers, name));
}

ModuleSet ModuleSet::select(const std::vector<std::string>& paths,
                            const std::function<bool(const std::string&)>& wanted,
                            const std::function<std::string(const std::string&)>& load) {
    std::map<std::string, std::string> path_of;
    std::vector<std::string> open;
    for (const std::string& path : paths) {
        const std::string name = kernel::module_name(path);
        path_of.emplace(name, path);
        if (wanted(path))
            open.push_back(name);
    }
    ModuleSet set;
    while (!open.empty()) {
        const std::string name = std::move(open.back());
        open.pop_back();
        if (set.modules_.count(name) != 0)
            continue;
        const std::string& path = path_of.at(name);
        Module module{path.substr(0, path.rfind(".ko") + 3), load(path), {}, {}, {}};
        ModuleNeeds needs = module_needs(module.content);
        for (const std::string& needed : needs.depends) {
            if (path_of.count(needed) == 0)
                continue;
            module.depends.push_back(needed);
            open.push_back(needed);
        }
        for (const std::string& helpful : needs.soft) {
            if (path_of.count(helpful) != 0)
                open.push_back(helpful);
        }
        module.soft = std::move(needs.soft);
        module.aliases = std::move(needs.aliases);
        set.modules_.emplace(name, std::move(module));
    }
    return set;
}

std::vector<std::string> ModuleSet::load_order(const std::vector<std::string>& names) const {
    std::set<std::string> seen;
    std::vector<std::string> order;
    for (const std::string& name : names)
        add_in_order(name, seen, order);
    return order;
}

void ModuleSet::add_in_order(const std::string& name, std::set<std::string>& seen,
                             std::vector<std::string>& order) const {
    const auto found = modules_.find(name);
    if (found == modules_.end() || !seen.insert(name).second)
        return;
    for (const std::string& needed : found->second.depends)
        add_in_order(needed, seen, order);
    for (const std::string& helpful : found->second.soft) {
        for (const auto& [other, module] : modules_) {
            if (other == helpful || contains(module.aliases, helpful))
                add_in_order(other, seen, order);
        }
    }
    order.push_back(name);
}

} // namespace nflab::image
