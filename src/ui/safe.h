/* SPDX-License-Identifier: GPL-3.0-or-later */
/* safe.h - the filter between untrusted text and a terminal */

/*
 * Everything a stranger wrote (model, tool, file name, title, peer) passes
 * here before it reaches a terminal. What comes out is valid UTF-8 and has
 * no C0 but \n and \t, no DEL, no C1, no escape sequence (7-bit or 8-bit),
 * no bidi control, no zero-width or tag character, no line or paragraph
 * separator, no soft hyphen. ZWJ and ZWNJ stay where they stand between two
 * emoji or inside a script that needs them, a variation selector after a
 * character that has an emoji form. Filtering twice is filtering once.
 *
 * SAFE_TEXT	for text of many lines: sequences are taken out whole (at
 *		most SAFE_SEQ_MAX bytes each), CR LF, CR, U+2028 and U+2029
 *		become \n, the rest goes quietly, malformed bytes are U+FFFD.
 * SAFE_SHOW	for prompts, titles, names: one line, nothing is hidden. ^J,
 *		^[, \u{202e}, \x{9b} stand for what was there.
 *
 * A struct safe carries what is cut between two calls; it has no memory of
 * its own to free. The work is linear in the input.
 */

#ifndef UI_SAFE_H
#define UI_SAFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum { SAFE_SEQ_MAX = 4096 };

enum safe_mode {
	SAFE_TEXT,
	SAFE_SHOW,
};

enum safe_state {
	SAFE_GROUND,
	SAFE_ESC,	/* after ESC and its intermediates */
	SAFE_CSI,
	SAFE_OSC,	/* ends at BEL, ST or a newline */
	SAFE_STR,	/* DCS, SOS, PM, APC: ends at ST */
};

struct safe {
	enum safe_mode mode;
	enum safe_state state;
	char part[4];		/* a UTF-8 sequence that is not whole yet */
	size_t part_len;
	size_t seq;		/* bytes of the escape sequence so far */
	uint32_t prev;		/* the last character that went out */
	uint32_t joiner;	/* ZWJ or ZWNJ whose right side is to come */
	bool selected;		/* prev has its variation selector */
	bool cr;		/* a CR which may be half of CR LF */
};

void	safe_init(struct safe *s, enum safe_mode mode);
/* Append to out what is safe of the next piece. */
void	safe_add(struct safe *s, struct buf *out, const char *p, size_t len);
/* There is no more: what was held back is decided; s is as new. */
void	safe_finish(struct safe *s, struct buf *out);

/* The whole of a text, or of a name that is shown on one line. */
void	safe_text(struct buf *out, const char *p, size_t len);
void	safe_show(struct buf *out, const char *p, size_t len);
void	safe_shows(struct buf *out, const char *s);

/* Would SAFE_TEXT leave every byte of p as it is? */
bool	safe_is_clean(const char *p, size_t len);

#endif
