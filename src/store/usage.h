/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usage.h - sums of token counts */

#ifndef STORE_USAGE_H
#define STORE_USAGE_H

struct buf;
struct json;

/* a + b, member by member, also of objects inside; what is no number on both
 * sides stays as b has it, or else a. */
void	usage_add(struct buf *out, const struct json *a,
	    const struct json *b);

#endif
