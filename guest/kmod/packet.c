// SPDX-License-Identifier: GPL-2.0-or-later
#include "call.h"

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/string.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

static void read_ports(struct nflab_packet *packet, unsigned int offset)
{
	__be16 ports[2];

	switch (packet->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		break;
	default:
		return;
	}
	if (offset + sizeof(ports) > packet->header_length)
		return;
	memcpy(ports, packet->header + offset, sizeof(ports));
	packet->source_port = ntohs(ports[0]);
	packet->destination_port = ntohs(ports[1]);
	packet->has_ports = true;
}

static void read_ipv4(struct nflab_packet *packet)
{
	struct iphdr ip;

	if (packet->header_length < sizeof(ip))
		return;
	memcpy(&ip, packet->header, sizeof(ip));
	packet->protocol = ip.protocol;
	if (!(ip.frag_off & htons(0x1fff))) /* a later fragment has no ports */
		read_ports(packet, ip.ihl * 4);
}

static void read_ipv6(struct nflab_packet *packet)
{
	struct ipv6hdr ip;
	unsigned int offset = sizeof(ip);

	if (packet->header_length < sizeof(ip))
		return;
	memcpy(&ip, packet->header, sizeof(ip));
	packet->protocol = ip.nexthdr;
	while (packet->protocol == NEXTHDR_HOP || packet->protocol == NEXTHDR_ROUTING ||
	       packet->protocol == NEXTHDR_DEST) {
		if (offset + 2 > packet->header_length)
			return;
		packet->protocol = packet->header[offset];
		offset += (packet->header[offset + 1] + 1) * 8;
	}
	read_ports(packet, offset);
}

void nflab_copy_packet(struct nflab_packet *packet, const struct sk_buff *skb)
{
	int start = skb_network_offset(skb);
	unsigned int size = 0;

	memset(packet, 0, sizeof(*packet));
	packet->skb = (unsigned long)skb;
	packet->nfct = skb_get_nfct(skb);
	packet->length = skb->len;
	packet->mark = skb->mark;
	packet->ethertype = ntohs(skb->protocol);
	if (start < (int)skb->len)
		size = min_t(unsigned int, skb->len - start, NFLAB_HEADER);
	if (!size || skb_copy_bits(skb, start, packet->header, size))
		return;
	packet->header_length = size;
	if (packet->ethertype == ETH_P_IP)
		read_ipv4(packet);
	else if (packet->ethertype == ETH_P_IPV6)
		read_ipv6(packet);
}

void nflab_copy_state(struct nflab_record *record, u8 hook, u8 pf, const struct net *net,
		      const struct net_device *in, const struct net_device *out)
{
	record->hook = hook;
	record->pf = pf;
	record->netns = net ? net->ns.inum : 0;
	strscpy(record->in, in ? in->name : "", sizeof(record->in));
	strscpy(record->out, out ? out->name : "", sizeof(record->out));
}
