/* SPDX-License-Identifier: GPL-3.0-or-later */
/* title.c - what a session is called until somebody names it */

#include <stdbool.h>

#include "agent/title.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "wire/message.h"

/* Controls and blanks, also the wide ones, are all one space. The two that
 * join letters and emoji (200c, 200d) are part of them. */
static bool
title_blank(uint32_t cp)
{
	return cp <= 0x20 || (cp >= 0x7f && cp <= 0xa0) || cp == 0x1680 ||
	    (cp >= 0x2000 && cp <= 0x200b) || cp == 0x200e || cp == 0x200f ||
	    (cp >= 0x2028 && cp <= 0x202f) ||
	    (cp >= 0x205f && cp <= 0x206f) || cp == 0x3000 || cp == 0xfeff;
}

/* What opens a line of markdown says nothing in a title. */
static bool
title_markup(uint32_t cp)
{
	return cp == '#' || cp == '>' || cp == '*' || cp == '`';
}

char *
title_of_text(const char *text, size_t len)
{
	struct buf b = BUF_INIT;
	size_t count = 0, word_end = 0;
	bool gap = false;

	for (size_t i = 0; i < len;) {
		uint32_t cp;
		char bytes[4];

		i += utf8_decode(text + i, len - i, &cp);
		bool joins = cp == 0x200c || cp == 0x200d;
		if (joins && (gap || b.len == 0))
			continue;
		if (title_blank(cp) || (b.len == 0 && title_markup(cp))) {
			gap = b.len > 0;
			continue;
		}
		if (gap) {
			word_end = b.len;
			buf_addc(&b, ' ');
			count++;
			gap = false;
		}
		if (++count > TITLE_MAX) {
			/* a single long word is cut where it is */
			if (word_end > 0)
				buf_cut(&b, word_end);
			break;
		}
		buf_add(&b, bytes, utf8_encode(cp, bytes));
	}
	return buf_take(&b);
}

char *
title_of_message(const struct message *m)
{
	struct buf b = BUF_INIT;

	message_text(m, &b);
	char *title = title_of_text(b.data, b.len);
	buf_clear(&b);
	return title;
}
