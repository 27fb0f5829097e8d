/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFLAB_DEVICE_H
#define NFLAB_DEVICE_H

int nflab_device_create(void);
void nflab_device_destroy(void);

#endif
