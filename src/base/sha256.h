/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sha256.h - SHA-256, to know a text again (FIPS 180-4) */

/*
 * For what a person has looked at and agreed to: a file that changed since
 * must not pass for it. Ours, since OpenSSL would cost each start 0.8 ms.
 */

#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>

enum { SHA256_HEX = 65 };	/* with its NUL */

void	sha256_hex(const void *data, size_t len, char out[SHA256_HEX]);

#endif
