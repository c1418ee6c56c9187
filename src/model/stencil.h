/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stencil.h - events of an answer that differ only in what they say */

/*
 * Of ten thousand events with a word each, all but the word is the same. Once
 * one of them was looked at as a whole, those that follow it need not be
 * parsed: they are compared with it, but for its holes, which are the text and
 * numbers or words that nobody looks at.
 *
 *	{"type":"text_delta","n":17,"text":" word"}
 *	                         --         -----
 *
 * Whoever learns promises that the event, should it come again, would do
 * nothing but tell its text again. Anything that is not plainly of the same
 * form (an escape, other members) does not fit and is parsed.
 */

#ifndef MODEL_STENCIL_H
#define MODEL_STENCIL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct json;
struct json_doc;

enum { STENCIL_HOLES = 4 };

struct stencil {
	struct buf event;	/* as it came; empty: nothing fits */
	struct stencil_hole {
		size_t at, len;
		bool number;
		bool text;	/* what is told */
	} holes[STENCIL_HOLES];	/* in order */
	size_t count;
};

/* An event, from which doc was parsed. */
struct stencil_event {
	const char *data;
	size_t len;
	const struct json_doc *doc;
};

void	stencil_init(struct stencil *s);
void	stencil_clear(struct stencil *s);
void	stencil_forget(struct stencil *s);
/* text: a string somewhere in it. others: members of the object `of` that may
 * differ, a NULL behind them. */
void	stencil_learn(struct stencil *s, const struct stencil_event *ev,
	    const struct json *text, const struct json *of,
	    const char *const others[]);
/* True: text is what this event says, borrowed from data. */
bool	stencil_fits(const struct stencil *s, const char *data, size_t len,
	    const char **text, size_t *text_len);

#endif
