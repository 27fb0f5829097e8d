// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/legacy/raw_table.hpp"

namespace nflab::nfverdict {

XtEntries decode(const RawTable& table) {
    switch (table.engine) {
    case Legacy::iptables:
        return decode_xt_blob(table.info, table.blob, ipv4_format);
    case Legacy::ip6tables:
        return decode_xt_blob(table.info, table.blob, ipv6_format);
    case Legacy::arptables:
        return decode_xt_blob(table.info, table.blob, arp_format);
    case Legacy::ebtables:
        break;
    }
    return decode_ebt_blob(table.blob);
}

} // namespace nflab::nfverdict
