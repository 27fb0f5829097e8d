// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/interface_names.hpp"

#include <net/if.h>

#include <memory>

namespace nflab::nfverdict {

InterfaceNames interface_names() {
    struct Free {
        void operator()(struct if_nameindex* list) const { ::if_freenameindex(list); }
    };
    const std::unique_ptr<struct if_nameindex, Free> list(::if_nameindex());
    InterfaceNames names;
    for (const auto* item = list.get(); item && item->if_index != 0; ++item)
        names[item->if_index] = item->if_name;
    return names;
}

} // namespace nflab::nfverdict
