/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base64.c - base64 read */

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "model/base64.h"

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_decode(const char *s, size_t len, struct buf *b)
{
	uint32_t bits = 0;
	int count = 0;

	for (; len > 0 && *s != '=' && *s != '\0'; s++, len--) {
		const char *p = strchr(digits, *s);

		if (p == NULL)
			continue;
		bits = bits << 6 | (uint32_t)(p - digits);
		count += 6;
		if (count >= 8) {
			count -= 8;
			buf_addc(b, (char)(bits >> count));
		}
	}
}
