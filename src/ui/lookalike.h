/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lookalike.h - words that are not what they look like */

/*
 * A person who is asked whether "p\u0430ypal.com" may be fetched should know
 * that its second letter is Cyrillic. Only what could pass for ASCII counts:
 * words of other scripts, and other letters than those that look alike, are
 * what they are.
 */

#ifndef UI_LOOKALIKE_H
#define UI_LOOKALIKE_H

#include <stddef.h>

struct buf;
struct json;

enum { LOOKALIKE_MAX = 3 };	/* words that are named */

/*
 * The words of a text (or of all strings in a JSON value) that look as if they
 * were ASCII, with \u{430} where they are not, ", " between them; nothing is
 * added if there are none. count is how many were found so far.
 */
void	lookalike_text(struct buf *out, size_t *count, const char *s,
	    size_t len);
void	lookalike_json(struct buf *out, size_t *count, const struct json *v);

#endif
