/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base64.c - bytes as letters */

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/base64.h"

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(struct buf *out, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	size_t i, n;

	for (i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16;
		char four[4];

		n = len - i < 3 ? len - i : 3;
		if (n > 1)
			v |= (uint32_t)p[i + 1] << 8;
		if (n > 2)
			v |= p[i + 2];
		four[0] = letters[v >> 18];
		four[1] = letters[v >> 12 & 63];
		four[2] = n > 1 ? letters[v >> 6 & 63] : '=';
		four[3] = n > 2 ? letters[v & 63] : '=';
		buf_add(out, four, 4);
	}
}

int
base64_decode(struct buf *out, const char *s, size_t len)
{
	uint32_t v = 0;
	unsigned bits = 0, padding = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		const char *at;

		if (strchr(" \t\r\n", s[i]) != NULL && s[i] != '\0')
			continue;
		if (s[i] == '=') {
			padding++;
			continue;
		}
		at = s[i] == '\0' ? NULL : strchr(letters, s[i]);
		if (at == NULL || padding > 0)
			return -1;
		v = v << 6 | (uint32_t)(at - letters);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf_addc(out, (char)(v >> bits));
			v &= (1u << bits) - 1;
		}
	}
	return padding > 2 || bits == 6 ? -1 : 0;
}
