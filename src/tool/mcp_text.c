/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_text.c - words of a server, without what nobody can see */

/*
 * Descriptions and instructions are read by the model and seldom by a person.
 * What a person would not see in them must not be there for the model either:
 * control characters, directions that reorder text, tag characters and other
 * invisible ones. Joiners stay, for scripts and emoji need them.
 */

#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "tool/mcp_priv.h"

static const struct {
	uint32_t first, last;
} unseen[] = {
	{ 0x00, 0x08 }, { 0x0b, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad },
	{ 0x200b, 0x200b }, { 0x200e, 0x200f }, { 0x202a, 0x202e },
	{ 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff0, 0xfffb },
	{ 0x1bca0, 0x1bca3 }, { 0xe0000, 0xe0fff },
};

static bool
is_unseen(uint32_t c)
{
	for (size_t i = 0; i < NELEM(unseen); i++)
		if (c >= unseen[i].first && c <= unseen[i].last)
			return true;
	return false;
}

void
mcp_add_plain(struct buf *out, const char *s, size_t max)
{
	size_t len = strlen(s), n;
	char bytes[4];
	uint32_t c;

	len = utf8_prefix(s, len, max);
	for (; len > 0; s += n, len -= n) {
		n = utf8_decode(s, len, &c);
		if (!is_unseen(c))
			buf_add(out, bytes, utf8_encode(c, bytes));
	}
}
