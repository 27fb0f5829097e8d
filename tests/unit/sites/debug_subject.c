/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compiled with debug symbols and not linked, like a kernel module. */

struct registers {
    volatile unsigned data[20];
};

unsigned keep(struct registers* regs);

unsigned chain_of(const unsigned* pkt, unsigned* priv) {
    struct registers regs;

    regs.data[0] = *pkt;
    *priv = keep(&regs);
    return *pkt + keep(&regs);
}
