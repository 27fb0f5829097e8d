// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Not together with <net/if.h>: ebtables.h brings the kernel's own.
// clang-format off
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include <linux/if_ether.h>
#include <linux/netfilter_arp/arp_tables.h>
#include <linux/netfilter_bridge/ebtables.h>
// clang-format on
